// One event under live connections: what it cost them.

/** Lines that each connection has to get after an event, for it to count as alive. */
const LINES = 20;

/**
 * Does something to the world, and watches its clients.
 *
 * @param {object} world
 * @param {{ event: () => Promise<void> | void, routes: readonly string[], until: Function }} what routes: nodes to which the router
 *   sends clients afterwards, without which nothing is over. until: waits for a condition
 * @returns {Promise<object>} what `report` of the clients says, counted from the event on
 */
export async function trial(world, { event, routes, until }) {
  const { clients } = world;
  await clients.do('mark');
  await event();
  await until(`the router to send clients to ${routes.join(' and ') || 'nobody'}`, () =>
    isSame(world.routes(), routes),
  );
  await goOn(world, until);
  return clients.do('report');
}

/** Waits until every connection got more lines, or was cut. */
export async function goOn({ clients }, until) {
  const before = await clients.do('received');
  await until('each connection to go on, or to be lost', async () => {
    const now = await clients.do('received');
    const isLost = await clients.do('cut');
    return now.every((lines, n) => isLost[n] || lines >= before[n] + LINES);
  });
}

function isSame(some, others) {
  return some.length === others.length && some.every((one) => others.includes(one));
}
