import { type ApiFile, describeApi } from './api-description.js';
import { shippedDescription } from './shipped-description.js';
import { NEEDED_MESSAGES } from './needed-messages.js';

const CRC = { crc: '0x51077d14' };
const ID = ['u16', '_vl_msg_id'];

describe('the description of an API', () => {
  it('that comes with the program has every message needed', () => {
    expect([...shippedDescription().keys()]).toEqual(expect.arrayContaining([...NEEDED_MESSAGES]));
  });

  it('takes a message from the later of two files, with the types of that file', () => {
    const older: ApiFile = { messages: [['ping', ID, ['u32', 'context'], CRC]] };
    const newer: ApiFile = {
      messages: [['ping', ID, ['vl_api_index_t', 'context'], { crc: '0x1' }]],
      aliases: { index: { type: 'u8' } },
    };
    expect(describeApi([older, newer], ['ping']).get('ping')).toEqual({
      name: 'ping',
      crc: '00000001',
      fields: [{ name: 'context', type: { kind: 'scalar', scalar: 'u8' } }],
    });
  });

  it('does not stumble over a message that nobody needs', () => {
    const file: ApiFile = {
      messages: [
        ['odd', ID, ['u8', 'data', 0], CRC],
        ['ping', ID, CRC],
      ],
    };
    expect([...describeApi([file], ['ping', 'pong']).keys()]).toEqual(['ping']);
  });

  it.each<[what: string, file: ApiFile, said: RegExp]>([
    ['a message without a crc', { messages: [['ping', ID]] }, /message ping has no crc/],
    [
      'a message without a number',
      { messages: [['ping', ['u32', 'context'], CRC]] },
      /does not begin with _vl_msg_id/,
    ],
    [
      'a type that it lacks',
      { messages: [['ping', ID, ['vl_api_x_t', 'x'], CRC]] },
      /ping.x is type x, which the file does not have/,
    ],
    [
      'a type of itself',
      { types: [['x', ['vl_api_x_t', 'x']]], messages: [['ping', ID, ['vl_api_x_t', 'x'], CRC]] },
      /types more than 16 deep/,
    ],
    [
      'addresses as they were once',
      {
        enums: [['address_family', ['ADDRESS_IP4', 0], { enumtype: 'u32' }]],
        messages: [['ping', ID, ['vl_api_address_t', 'to'], CRC]],
      },
      /ping.to is an address whose family has more than one byte/,
    ],
    ['no lists', { messages: [['ping', ID, 'u32', CRC]] }, /a field that is no list/],
  ])('is refused with %s', (_, file, said) => {
    expect(() => describeApi([file], ['ping'])).toThrow(said);
  });
});
