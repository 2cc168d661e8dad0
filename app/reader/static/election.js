/**
 * Which of a browser's tabs leads, and reads for all of them. The tabs tell each other, so no Web
 * Locks are needed, which browsers give to secure pages only.
 *
 * Whoever hears no leader for a moment leads. The leader calls the roll: each of the others says
 * what it wishes, whoever does not is forgotten. A leader that says that it leaves is succeeded at
 * once, and one that falls silent after some beats. Where two lead, the younger one gives way.
 */

const BEAT = 2_000; // ms between two roll-calls
const MISSED = 3; // of them, after which nobody is waited for
const GRACE = 400; // ms until a newcomer leads that hears of nobody
const SPREAD = 200; // ms between two that may lead, lest both begin
const TOGETHER = 50; // ms: who comes at about the same time is one change

/**
 * Takes part until `signal` ends it.
 *
 * @param {string} name - Of the election; that of all who share.
 * @param {object} member
 * @param {() => *} member.wish - What this tab wants to be read; null for nothing now.
 * @param {() => *} member.state - What the leader tells with each roll-call.
 * @param {(wishes: Array) => void} member.lead - Has this tab read for all of these, time and again;
 *   for none of them when it does not lead any more.
 * @param {(news: *) => void} member.hear - Gets what the leader tells.
 * @param {AbortSignal} signal
 * @returns {{tell: (news: *) => void, change: () => void}} `tell` is the leader's; `change` says that
 *   the wish is another one.
 */
export function elect(name, member, signal) {
  const id = Date.now() + Math.random();
  const others = new Map(); // by id: {wish, missed}
  const channel = open(name);
  let [leader, quiet] = [0, 0];
  let standing, ruling;

  const post = (told) => channel?.postMessage({ from: id, ...told });
  const sign = (isAsking) => post({ wish: member.wish(), isAsking });
  const call = (isRoll) => post({ leads: true, isRoll, news: member.state() });

  const rule = () => {
    ruling ??= setTimeout(() => {
      ruling = undefined;
      if (leader !== id) return;
      member.lead([member.wish(), ...[...others.values()].map(({ wish }) => wish)].filter(Boolean));
    }, TOGETHER);
  };

  // The oldest is first, though browsers let what is out of sight wait longer.
  const stand = (delay = SPREAD * [...others.keys()].filter((other) => other < id).length) => {
    clearTimeout(standing);
    standing = setTimeout(() => {
      leader = id;
      call(true);
      rule();
    }, delay);
  };

  const follow = (from, { isRoll, news }) => {
    if (leader === id) {
      if (id < from) return call();
      member.lead([]);
    } else if (from > leader && leader && !quiet) return;
    [leader, quiet] = [from, 0];
    clearTimeout(standing);
    if (isRoll) sign();
    member.hear(news);
  };

  const lose = (from) => {
    others.delete(from);
    if (leader === id) rule();
    if (leader !== from) return;
    leader = 0;
    stand();
  };

  const hear = ({ data: { from, ...told } }) => {
    if (told.leads) return follow(from, told);
    if (told.isLeaving) return lose(from);
    others.set(from, { wish: told.wish, missed: 0 });
    if (leader !== id) return;
    if (told.isAsking) call(true); // so that a newcomer knows everybody
    rule();
  };

  const beat = () => {
    if (leader !== id) {
      quiet += 1;
      if (quiet > 1) sign(true);
      if (quiet === MISSED) others.delete(leader);
      if (quiet > MISSED) stand();
      return;
    }
    for (const [other, known] of others) {
      known.missed += 1;
      if (known.missed > MISSED) others.delete(other);
    }
    call(true);
    rule();
  };

  const leave = () => {
    clearInterval(clock);
    clearTimeout(standing);
    clearTimeout(ruling);
    post({ isLeaving: true });
    channel?.close();
    if (leader === id) member.lead([]);
  };

  const clock = setInterval(beat, BEAT);
  signal.addEventListener("abort", leave);
  if (channel) channel.onmessage = hear;
  sign(true);
  stand(channel ? GRACE + Math.random() * SPREAD : 0);
  return {
    tell: (news) => post({ leads: true, news }),
    change() {
      sign();
      rule();
    },
  };
}

function open(name) {
  try {
    return new BroadcastChannel(name);
  } catch {
    return null; // a page without storage may have none
  }
}
