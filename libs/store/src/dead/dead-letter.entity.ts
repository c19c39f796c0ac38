import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A dead letter; `body` is the JSON of the whole record. */
@Entity('dead_letters')
export class DeadLetterRow {
  @PrimaryColumn({ type: 'bigint' }) seq: number;
  @Column({ type: 'text' }) service: string;
  @Column({ type: 'text' }) code: string;
  @Column({ type: 'text' }) message: string;
  @Column({ type: 'text' }) subject: string;
  @Column({ type: 'text' }) at: string;
  @Column({ type: 'text' }) about: string;
  @Column({ type: 'text' }) body: string;
}
