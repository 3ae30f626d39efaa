export { type ArbitraryMessageOptions, arbitraryMessage } from './arbitrary-message.ts';
