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
 * What a tab tells the others: its wish (asking for the roll-call, where it is new), that it leads
 * (with news), or that it leaves.
 *
 * @template Wish
 * @template News
 * @typedef {{from: number, wish?: Wish | false, isAsking?: boolean, leads?: boolean,
 *   isRoll?: boolean, news?: News[], isLeaving?: boolean}} Message
 */

/**
 * Takes part until `signal` ends it.
 *
 * @template Wish
 * @template News
 * @param {string} name - Of the election; that of all who share, with scripts of one version.
 * @param {object} member
 * @param {() => Wish | false} member.wish - What this tab wants to be read; false for nothing now.
 * @param {() => News[]} member.state - What the leader tells with each roll-call.
 * @param {(wishes: Wish[]) => void} member.lead - Has this tab read for all of these, time and
 *   again; for none of them when it does not lead any more.
 * @param {(news: News[]) => void} member.hear - Gets what the leader tells.
 * @param {AbortSignal} signal
 * @returns {{tell: (news: News[]) => void, change: () => void}} `tell` is the leader's; `change`
 *   says that the wish is another one.
 */
export function elect(name, member, signal) {
  const id = Date.now() + Math.random();
  /** @type {Map<number, {wish: Wish | false, missed: number}>} */
  const others = new Map(); // by id
  const channel = open(name);
  let [leader, quiet] = [0, 0];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let standing;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let ruling;

  /** @param {Omit<Message<Wish, News>, "from">} told */
  const post = (told) => channel?.postMessage({ from: id, ...told });
  const sign = (isAsking = false) => post({ wish: member.wish(), isAsking });
  const call = (isRoll = false) => post({ leads: true, isRoll, news: member.state() });

  const rule = () => {
    ruling ??= setTimeout(() => {
      ruling = undefined;
      if (leader !== id) return;
      const wishes = [{ wish: member.wish() }, ...others.values()];
      member.lead(wishes.flatMap(({ wish }) => (wish === false ? [] : [wish])));
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

  /** @param {Message<Wish, News>} message */
  const follow = ({ from, isRoll, news = [] }) => {
    if (leader === id) {
      if (id < from) return call();
      member.lead([]);
    } else if (from > leader && leader && !quiet) return;
    [leader, quiet] = [from, 0];
    clearTimeout(standing);
    if (isRoll) sign();
    member.hear(news);
  };

  /** @param {number} from */
  const lose = (from) => {
    others.delete(from);
    if (leader === id) rule();
    if (leader !== from) return;
    leader = 0;
    stand();
  };

  /** @param {MessageEvent<Message<Wish, News>>} event */
  const hear = ({ data }) => {
    const { from, wish = false } = data;
    if (data.leads) return follow(data);
    if (data.isLeaving) return lose(from);
    others.set(from, { wish, missed: 0 });
    if (leader !== id) return;
    if (data.isAsking) call(true); // so that a newcomer knows everybody
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

/**
 * The channel to the tabs with scripts of this version, whose addresses have one digest.
 *
 * What a tab from before an upgrade would load later, to read for others, may be gone or changed.
 *
 * @param {string} name
 */
function open(name) {
  try {
    return new BroadcastChannel(`${name} ${new URL(".", import.meta.url)}`);
  } catch {
    // A page without storage may have none.
  }
}
