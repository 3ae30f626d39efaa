import type { DataConverter } from '@temporalio/common';
import { payloadConverterPath } from '@token-handshake/proto/payload-converter-path';

/**
 * The data converter of every Client and Worker of ours: the SDK's, and messages of the contract as
 * `json/protobuf`. The same from sources and from a build.
 */
export const temporalDataConverter: DataConverter & { readonly payloadConverterPath: string } = Object.freeze(
  {
    payloadConverterPath,
  },
);
