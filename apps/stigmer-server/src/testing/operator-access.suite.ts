import type { Access } from '@token-handshake/service-kit';

/** What a call of an operator may do, for handlers that a test calls without the server's gate. */
export const OPERATOR_ACCESS: Access = {
  principal: { id: 'test', roles: ['operator'], credential: 'test', rawTokens: false },
  reach: 'all',
};
