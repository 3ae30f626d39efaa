import { tolerantPayloadConverterPath } from '@token-handshake/proto/payload-converter-path';
import type { WorkflowSourceOptions } from '@token-handshake/service-kit';

/** Runners are written in any language: what one of them sends in a form of its own must not stop the workflow. */
export const WORKFLOW_SOURCE: WorkflowSourceOptions = {
  sourcePath: new URL('./workflows', import.meta.url),
  bundlePath: new URL('./workflow-bundle.js', import.meta.url),
  payloadConverterPath: tolerantPayloadConverterPath,
};
