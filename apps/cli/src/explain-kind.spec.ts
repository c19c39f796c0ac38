import { describe, expect, it } from '@jest/globals';
import { KNOWN_KINDS } from '@signalbox/contracts';
import { runCommand } from './testing/run-command.fixture.js';

const explain = (...args: string[]) => runCommand(['explain-kind', ...args]);

describe('explain-kind', () => {
  it('lists all kinds, without a site', async () => {
    const { code, out, err } = await explain();
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.split('\n')).toHaveLength(KNOWN_KINDS.length + 2);
    expect(out).toMatch(/^EventSubscription +federation\.routerd\.net\/v1alpha1 +Which facts of a group/m);
  });

  it('says what a kind is for, and its next fields', async () => {
    const { code, out } = await explain('eventsubscription');
    expect(code).toBe(0);
    expect(out).toMatchInlineSnapshot(`
     "EventSubscription  (federation.routerd.net/v1alpha1)

       Which facts of a group start which plugin. At least one type: there is no
       blanket subscription. The group must exist; the plugin may be declared later,
       runs wait for it.

       Only in the project default: *.routerd.net kinds live there only.

     Fields of spec:

       groupRef  (text, required)
           Name of the EventGroup whose facts are looked at. Taken: at most 63
           letters, digits, "_" and "-", with a letter or digit at both ends

       match  (object, required)
           Which facts: all that is given must hold.

       trigger  (object, required)
           What they start.

       suspend  (flag, default false)
           Facts match and start nothing until it is lifted; what it led to stands,
           and ends as always. Default false.

       onChange  (text)
           When it or its plugin changes: all facts that hold are decided again (the
           default), or the change is for new facts only and what it led to stands
           until it ends or a new fact renews it. Taken: reevaluate, ignore

       retry  (object)
           How often a run that fails is tried.

       retract  (object)
           Facts that take back what others led to.
     "
    `);
  });

  it('goes down to a field, with and without spec', async () => {
    const { out } = await explain('EventSubscription.spec.match');
    expect(out).toContain('EventSubscription.spec.match  (object, required)');
    expect(out).toMatch(/^ {2}types {2}\(list of text, required\)$/m);
    expect(out).not.toContain('pluginRef');
    expect((await explain('EventSubscription.match')).out).toBe(out);
  });

  it('goes through lists and maps', async () => {
    expect((await explain('Frontend.spec.pools')).out).toMatch(/^ {2}backends {2}\(map of object\)$/m);
    expect((await explain('Frontend.spec.pools.backends')).out).toMatch(
      /^ {2}weight {2}\(whole number, default 100\)$/m,
    );
  });

  it('shows all fields below with --recursive', async () => {
    expect((await explain('HealthCheck')).out).not.toContain('responseRegexp');
    expect((await explain('HealthCheck', '--recursive')).out).toMatch(
      /^ {2}params\.responseRegexp {2}\(text\)$/m,
    );
  });

  it('has no line that is wider than 80 characters, whatever the kind', async () => {
    for (const { kind } of KNOWN_KINDS) {
      const { out } = await explain(kind, '-r');
      expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
    }
  });

  it('is JSON for programs', async () => {
    const { out } = await explain('Backend.spec.port', '-o', 'json');
    expect(JSON.parse(out)).toMatchObject({
      ...{ kind: 'Backend', path: 'port', fields: [] },
      field: { type: 'whole number', bounds: '1-65535', isRequired: false },
    });
  });

  it.each([
    ['EventSubscripton', 'there is no kind EventSubscripton; did you mean EventSubscription?', ''],
    [
      'Backend.spec.prot',
      'Backend has no field prot; did you mean Backend.spec.port?',
      ' Backend --recursive',
    ],
  ])('%s: names what is nearest', async (place, message, next) => {
    expect(await explain(place)).toEqual({
      ...{ code: 4, out: '' },
      err: `signalbox: not-found: ${message}\nnext: signalbox explain-kind${next}\n`,
    });
  });
});
