export { type ArbitraryRequestOptions, arbitraryRequest } from './arbitrary-request.ts';
export {
  exchange,
  type RawAnswer,
  type RawConnection,
  type RawRequest,
  rawConnection,
} from './raw-connection.ts';
export { type Rpc, rpcsOf } from './rpcs-of.ts';
