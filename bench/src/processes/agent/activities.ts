import { ANSWER } from '../../shapes/names.ts';

/** The agent of the bench's own callees. */
export const agentActivities = {
  async runAgent(_message: string): Promise<string> {
    return ANSWER;
  },
};
