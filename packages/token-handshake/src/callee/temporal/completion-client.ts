import {
  AsyncCompletionClient,
  type AsyncCompletionClientOptions,
  type WorkflowService,
} from '@temporalio/client';
// The package is CommonJS that Node finds no names in; its default export is all of it.
import proto, { type temporal } from '@temporalio/proto';

const { Payloads } = proto.temporal.api.common.v1;
const { Failure } = proto.temporal.api.failure.v1;

/** Thrown instead of sending something that Temporal would accept and then fail the caller with. */
export class OversizeError extends Error {
  readonly bytes: number;

  constructor(bytes: number, maxBytes: number) {
    super(`The encoded payload has ${bytes} bytes; Temporal takes at most ${maxBytes}.`);
    this.name = 'OversizeError';
    this.bytes = bytes;
  }
}

/**
 * The SDK's completion client with two differences. Errors arrive as gRPC gave them, since the SDK's own forget the
 * code and so make "unreachable" and "not allowed" look alike. And what is about to be sent is measured as Temporal
 * will see it, after codecs and external storage: an oversized result is *accepted* by Temporal, which then fails the
 * caller's activity for good.
 */
export class CompletionClient extends AsyncCompletionClient {
  readonly #maxPayloadBytes: number;

  constructor(options: AsyncCompletionClientOptions, maxPayloadBytes: number) {
    super(options);
    this.#maxPayloadBytes = maxPayloadBytes;
  }

  override get workflowService(): WorkflowService {
    const service = super.workflowService;
    const check = (bytes: number) => {
      if (bytes > this.#maxPayloadBytes) throw new OversizeError(bytes, this.#maxPayloadBytes);
    };
    // Only what the four operations by token call; everything else would bypass the measuring.
    return {
      respondActivityTaskCompleted: (
        request: temporal.api.workflowservice.v1.IRespondActivityTaskCompletedRequest,
      ) => {
        check(encodedBytes(request.result));
        return service.respondActivityTaskCompleted(request);
      },
      respondActivityTaskFailed: (
        request: temporal.api.workflowservice.v1.IRespondActivityTaskFailedRequest,
      ) => {
        check(request.failure ? Failure.encode(request.failure).finish().length : 0);
        return service.respondActivityTaskFailed(request);
      },
      respondActivityTaskCanceled: (
        request: temporal.api.workflowservice.v1.IRespondActivityTaskCanceledRequest,
      ) => {
        check(encodedBytes(request.details));
        return service.respondActivityTaskCanceled(request);
      },
      recordActivityTaskHeartbeat: (
        request: temporal.api.workflowservice.v1.IRecordActivityTaskHeartbeatRequest,
      ) => {
        check(encodedBytes(request.details));
        return service.recordActivityTaskHeartbeat(request);
      },
    } as unknown as WorkflowService;
  }

  protected override handleError(error: unknown): never {
    throw error;
  }
}

function encodedBytes(payloads: temporal.api.common.v1.IPayloads | null | undefined): number {
  return payloads ? Payloads.encode(payloads).finish().length : 0;
}
