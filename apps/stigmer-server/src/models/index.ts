import type { StigmerContext } from '../context.ts';
import type { ModelActivities } from '../workflows/conversation-types.ts';
import { callModel } from './call-model.ts';
import { callTool } from './call-tool.ts';
import { endConversation, endTask } from './end-conversation.ts';

/** The activities by which the embedded runner runs agents with a model. */
export function modelActivities(context: StigmerContext): ModelActivities {
  return {
    CallModel: callModel(context),
    CallTool: callTool(context),
    EndConversation: endConversation(context),
    EndTask: endTask(context),
  };
}
