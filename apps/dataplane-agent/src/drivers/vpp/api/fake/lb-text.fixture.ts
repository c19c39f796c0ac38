import { bucketsOf } from './flow-table.fixture.js';
import { shown } from './ip46.fixture.js';
import type { Vip } from './lb-entries.fixture.js';
import type { LbPlugin } from './lb-plugin.fixture.js';

/** What `show lb vips verbose` prints. `format_lb_vip_detailed` of the plugin; VIPs that were removed are in it. */
export function lbVipsVerbose(plugin: LbPlugin): string {
  return plugin.vips.map((vip) => `${verbose(plugin, vip)}\n`).join('');
}

/** What `show lb vips` prints. */
export function lbVips(plugin: LbPlugin): string {
  return plugin.vips
    .map(
      (vip) =>
        `${vip.type} ${prefix(vip)} new_size:${vip.tableLength} #as:${vip.servers.length}${vip.used ? '' : ' removed'}${port(vip)}\n`,
    )
    .join('');
}

/** What `show lb` prints. */
export function lbMain(plugin: LbPlugin): string {
  const { conf, vips } = plugin;
  const servers = vips.reduce((sum, vip) => sum + vip.servers.length, 0);
  return [
    `lb_main ip4-src-address: ${[...conf.ip4].join('.')} `,
    ` ip6-src-address: ${shown(conf.ip6)} `,
    ` #vips: ${vips.length + 1}`,
    ` #ass: ${servers}`,
    '',
  ].join('\n');
}

function verbose(plugin: LbPlugin, vip: Vip): string {
  const { counters } = vip;
  const buckets = bucketsOf(vip);
  const servers = plugin
    .serversOf(vip)
    .map(
      (server) =>
        `    ${shown(server.address)} ${buckets.get(server.index) ?? 0} buckets   ${plugin.flowsOf(server)} flows  dpo:${server.index} ${server.used ? 'used' : ' removed'}`,
    );
  return [
    ` ${vip.type} [${vip.index}] ${prefix(vip)}${vip.sticky ? ' src_ip_sticky' : ''}${vip.used ? '' : ' removed'}`,
    `  new_size:${vip.tableLength}`,
    ...(vip.port === 0 ? [] : [`  protocol:${vip.protocol} port:${vip.port}`]),
    '  counters:',
    `    packet from existing sessions: ${counters.next}`,
    `    first session packet: ${counters.first}`,
    `    untracked packet: ${counters.untracked}`,
    `    no server configured: ${counters.noServer}`,
    `  #as:${vip.servers.length}`,
    ...servers,
    '',
  ].join('\n');
}

function prefix(vip: Vip): string {
  return `${shown(vip.prefix)}/${vip.type.startsWith('ip4') ? vip.length - 96 : vip.length}`;
}

function port(vip: Vip): string {
  return vip.port === 0 ? '' : `  protocol:${vip.protocol} port:${vip.port} `;
}
