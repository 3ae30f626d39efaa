import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { ModelRuntime } from '@token-handshake/proto/agent';
import type { LanguageModel } from 'ai';
import type { Environment } from './environment.ts';

/** The language model that a definition names. */
export function modelOf({ provider }: ModelRuntime, name: string, environment: Environment): LanguageModel {
  switch (provider.case) {
    case 'openaiCompatible': {
      const { baseUrl, apiKeyEnv } = provider.value;
      return createOpenAICompatible({
        name: 'openai-compatible',
        baseURL: baseUrl,
        includeUsage: true,
        ...(apiKeyEnv !== '' && { apiKey: environment.require(apiKeyEnv) }),
      })(name);
    }
    case 'anthropic': {
      const { baseUrl, apiKeyEnv } = provider.value;
      return createAnthropic({
        apiKey: environment.require(apiKeyEnv || 'ANTHROPIC_API_KEY'),
        ...(baseUrl !== '' && { baseURL: baseUrl }),
      })(name);
    }
    case undefined:
      throw new Error('expected a provider: the definition was checked');
  }
}
