import { Catch, type RpcExceptionFilter, UseFilters, applyDecorators, Controller } from '@nestjs/common';
import { EventPattern, type MessageHandler, MessagePattern } from '@nestjs/microservices';
import { type Observable, throwError } from 'rxjs';

/** Lets errors through unchanged: the transport decides by their class what happens to the message. */
@Catch()
class PassThroughFilter implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

/** A controller of stream and request handlers. */
export function MessageController(): ClassDecorator {
  return applyDecorators(Controller(), UseFilters(new PassThroughFilter()));
}

/** Handler of a stream, by name; see JetStreamServer.bind. Gets (data: Uint8Array, context: StreamContext). */
export function OnStream(handler: string): MethodDecorator {
  return EventPattern(handler) as MethodDecorator;
}

/** Handler of core requests on a subject. Gets (data: Uint8Array, context: RequestContext), returns the JSON reply. */
export function OnRequest(subject: string): MethodDecorator {
  return MessagePattern(subject) as MethodDecorator;
}

/** Marks handlers that get what came together. */
const IN_BATCHES = { inBatches: true };

/** Handler of a stream in batches, by name; see JetStreamServer.bind. Gets (batch: MessageBatch<JsMsg>). */
export function OnStreamBatch(handler: string): MethodDecorator {
  return EventPattern(handler, undefined, IN_BATCHES) as MethodDecorator;
}

/** Handler of core requests on a subject in batches. Gets (batch: MessageBatch<Msg>), answers by `handled` and `failed`. */
export function OnRequestBatch(subject: string): MethodDecorator {
  return MessagePattern(subject, undefined, IN_BATCHES) as MethodDecorator;
}

/** Whether a handler is one of {@link OnStreamBatch} or {@link OnRequestBatch}. For the transport. */
export function takesBatches({ extras }: MessageHandler): boolean {
  return extras?.['inBatches'] === true;
}
