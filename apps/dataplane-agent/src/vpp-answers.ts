import { Injectable } from '@nestjs/common';
import { answerEverywhere, Bus } from '@signalbox/bus';
import { CodedError, readVppQuestion, readVppSyncQuestion, SUBJECTS } from '@signalbox/contracts';
import type { Msg } from 'nats';
import { APPLY_DEADLINE } from './apply-turn.js';
import { DataPlane } from './data-plane.js';
import type { VppDesk } from './drivers/vpp/vpp-desk.js';
import { VppDriver } from './drivers/vpp/vpp-driver.js';

/** How long VPP may take to tell its table. Milliseconds. */
const TELL = { deadlineMs: 4_000 } as const;

/** Answers what only a node with the driver `vpp` can be asked, on core NATS: about its VPP, and to be made as desired now. */
@Injectable()
export class VppAnswers {
  constructor(
    private readonly bus: Bus,
    private readonly plane: DataPlane,
  ) {}

  start(): void {
    this.answer('vpp', (message) => this.tell(message));
    this.answer('vpp-sync', (message) => {
      const { listener } = readVppSyncQuestion(message.data);
      return this.desk().syncNow(listener, APPLY_DEADLINE);
    });
  }

  private answer(question: string, answerTo: (message: Msg) => Promise<object>): void {
    answerEverywhere(this.bus, SUBJECTS.askNode(this.plane.node, question), answerTo);
  }

  private async tell(message: Msg): Promise<object> {
    const { about } = readVppQuestion(message.data);
    const desk = this.desk();
    switch (about) {
      case 'info':
        return desk.info();
      case 'lb-state':
        return desk.lbState(TELL);
      case 'lb-counters':
        return desk.lbCounters(TELL);
    }
  }

  /** Throws `wrong-state`. */
  private desk(): VppDesk {
    const { driver, node } = this.plane;
    if (driver instanceof VppDriver) return driver.vpp;
    throw new CodedError('wrong-state', `node ${node} has no VPP: its driver is another one, or none yet`);
  }
}
