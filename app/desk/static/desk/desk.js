/**
 * The desk of a coverage: puts together what is written, what waits and what is out.
 */

import { setClock } from "../clock.js";
import { changeOf } from "../event_change.js";
import { followChanges } from "./change_feed.js";
import { Composer } from "./composer.js";
import { followConversion } from "./conversion.js";
import { bindBylines } from "./byline_note.js";
import { bindActions, complain, entryActions, say } from "./actions.js";
import { Drafts } from "./drafts.js";
import { Entries } from "./entries.js";
import { bindDeskKeys } from "./desk_keys.js";
import { bindLineMarks } from "./line_marks.js";
import { listen } from "./listen.js";
import { Outbox } from "./outbox.js";
import { answerSignOut } from "./sign_out_peer.js";
import { bindComposerKeys } from "./composer_keys.js";
import { bindPaste } from "./paste.js";
import { Presence } from "./presence.js";
import { Preview } from "./preview.js";
import { RecoveryOffers } from "./recovery_offers.js";
import { bindStatements } from "./statement_loader.js";
import { suggestTags } from "./tag_suggestions.js";
import { bindToolbar } from "./toolbar.js";

const main = document.querySelector("main.board");
const facts = main.dataset;
const { coverage = "", caller = "", role = "" } = facts;
const path = `/v1/coverages/${coverage}`;
const isEditor = role !== "contributor";
const heading = main.querySelector("h1");
const state = main.querySelector(".board-head .state");

let waiting = 0; // handed in
/** @type {import("./assessments.js").OnlyReported | undefined} */
let reported;
/** @type {import("./translations.js").Outdated | undefined} */
let outdated;

setClock(Date.parse(facts.now ?? "")); // by which things go out

// Titles, names and links above the composer take one line or several: its bar stays in view.
const above = new ResizeObserver(() => {
  const { top } = main.querySelector("#updates").getBoundingClientRect();
  main.style.setProperty("--above", `${Math.ceil(top + scrollY)}px`);
});
for (const each of document.querySelectorAll(".top, .board-head, .trouble")) above.observe(each);

/** @param {string} id */
const editors = (id) => presence.at(id);
const presence = new Presence(path, {
  list: main.querySelector(".visitors ul"),
  onChange: () => {
    drafts.show();
    entries.tellEditors();
  },
});
const drafts = new Drafts(main.querySelector("#drafts"), {
  path,
  isEditor,
  caller,
  delay: Number(facts.delay),
  editors,
  onNews: tellNews,
});
const entries = new Entries(main.querySelector("#updates"), { facts, editors, onEvent: take });

/** @param {import("./drafts.js").News} news */
function tellNews({ submitted, was, is }) {
  waiting = submitted;
  tellTitle();
  if (!is || !was) return;
  if (is.status === "draft") composer.settle(is.id, false);
  const isOwn = is.author === caller;
  if (is.returned && !was.returned && isOwn) say("returned-by", is.returned.by);
  else if (is.submitted_at && !was.submitted_at && !isOwn) say("submitted-by", drafts.author(is));
}

function tellTitle() {
  const words = heading.textContent;
  document.title = isEditor && waiting ? `(${waiting}) ${words}` : words;
}

/** @param {import("../journal.js").JournalEvent} event */
function take(event) {
  const { entry, details } = changeOf(event);
  if (entry && drafts.get(entry.id)) drafts.read().catch(complain);
  if (entry) reported?.take(entry);
  if (entry) composer.settle(entry.id, true);
  outdated?.read().catch(() => {});
  if (!details) return;
  heading.textContent = details.title;
  state.dataset.state = details.status;
  state.textContent = state.dataset[details.status] ?? "";
  main.querySelector(".closed").hidden = details.status !== "closed";
  tellTitle();
}

/**
 * @param {import("./api.js").NewsroomEntry | null} entry
 * @param {import("./autosave.js").Mode} mode
 * @param {import("./fields.js").Original} [original]
 */
async function write(entry, mode, original) {
  if (entry) {
    await composer.edit(entry, mode);
    if (original) composer.fields.translation = original;
    if (original) form.dispatchEvent(new Event("input"));
    return;
  }
  if (form.dataset.mode !== "new") await composer.clear();
  composer.body.focus();
}

/** @param {import("./composer.js").Conflict} conflict */
async function resolve({ current, mine, drop, send, keep }) {
  const { resolveConflict } = await import("./diff.js");
  const answer = await resolveConflict(current, mine);
  if (!answer) return;
  const { choice, text } = answer;
  if (choice === "theirs") await drop();
  else await (choice === "mine" ? send(text) : keep(text));
  composer.body.focus();
}

const outbox = new Outbox(caller);
/** @type {HTMLFormElement} */
const form = main.querySelector("form.composer");
const composer = new Composer(form, {
  coverage,
  role,
  outbox,
  review: async (text) => (await import("./diff.js")).confirmCorrection(text),
  follow: followConversion,
  preview: (place, owner) => new Preview(place, owner),
  offers: (place, owner) => new RecoveryOffers(place, owner),
  onSaved: () => drafts.read().catch(() => {}),
});
bindComposerKeys(composer);
bindBylines(composer);
bindToolbar(composer);
bindLineMarks(composer);
bindPaste(composer, path);
bindStatements(composer, coverage);
/** @type {HTMLButtonElement} */
const templates = form.querySelector("button.templates");
templates.addEventListener("click", () => {
  import("./templates.js").then(({ openMenu }) => openMenu(composer, coverage, templates))
    .catch(complain);
});
composer.aids.templates = () => templates.click();
suggestTags(form.querySelector(".tagged"), coverage);
composer.body.addEventListener("paste", async ({ clipboardData }) => {
  const text = clipboardData?.getData("text/plain").trim() ?? "";
  if (!/^https?:\/\/\S+$/.test(text)) return;
  (await import("./pasted_address.js")).takeAddress(text, composer);
});
listen(form, "conflict", resolve);
listen(form, "sent", ({ id }) => entries.expect(id));
listen(form, "opened", (id) => {
  presence.editing = id;
  // Its changes are shown before it is sent, which may be while the server cannot be reached.
  if (form.dataset.mode === "correct") import("./diff.js").catch(() => {});
  // What had the focus may be there for another kind of text only.
  const field = document.activeElement;
  if (field && form.contains(field) && !field.checkVisibility()) composer.body.focus();
});
presence.editing = composer.entryId;
outbox.start();
answerSignOut(caller, composer.autosave);

bindActions(main, entryActions(path, { drafts, entries, write }));
bindDeskKeys(main, entries.timeline, () => write(null, "new"));
followChanges(coverage, (hint) => {
  (hint === "visits" ? presence.read() : drafts.read()).catch(() => {});
  entries.resume(path).catch(() => {});
});
drafts.read().catch(complain);

/** Lists what is still only reported. */
async function listReported() {
  const { OnlyReported } = await import("./assessments.js");
  reported = new OnlyReported(main.querySelector(".only-reported"), path);
  await reported.read();
}
if (isEditor) listReported().catch(() => {});

/** The desk of an edition: what is outdated, and the original of what is written. */
async function showOriginals() {
  const { OriginalText, Outdated } = await import("./translations.js");
  const root = /** @type {HTMLElement | null} */ (main.querySelector(".outdated"));
  if (root) outdated = new Outdated(root, coverage);
  await Promise.all([new OriginalText(composer).begin(), outdated?.read()]);
}
if (facts.edition !== undefined) showOriginals().catch(complain);
