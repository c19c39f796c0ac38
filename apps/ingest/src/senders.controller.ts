import { MessageController, OnRequest } from '@signalbox/bus';
import { SUBJECTS } from '@signalbox/contracts';
import { Receivers } from './receiver/receivers.js';

/** Tells the clocks of those who push to us. O12. */
@MessageController()
export class SendersController {
  constructor(private readonly receivers: Receivers) {}

  @OnRequest(SUBJECTS.ask('ingest', 'senders'))
  senders(): { readonly groups: ReturnType<Receivers['senderClocks']> } {
    return { groups: this.receivers.senderClocks() };
  }
}
