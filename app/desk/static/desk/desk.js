/**
 * The desk of a coverage: puts together what is written, what waits and what is out.
 */

import { setClock } from "../clock.js";
import { changeOf } from "../event_change.js";
import { followChanges } from "./change_feed.js";
import { Composer, listen } from "./composer.js";
import { followConversion } from "./conversion.js";
import { confirmCorrection, resolveConflict } from "./diff.js";
import { bindActions, complain, entryActions, say } from "./actions.js";
import { Drafts } from "./drafts.js";
import { Entries } from "./entries.js";
import { bindDeskKeys } from "./desk_keys.js";
import { Outbox } from "./outbox.js";
import { answerSignOut } from "./sign_out_peer.js";
import { bindComposerKeys } from "./composer_keys.js";
import { Presence } from "./presence.js";
import { Preview } from "./preview.js";
import { suggestTags } from "./tag_suggestions.js";

const main = document.querySelector("main.board");
const facts = main.dataset;
const { coverage = "", caller = "", role = "" } = facts;
const path = `/v1/coverages/${coverage}`;
const isEditor = role !== "contributor";
const heading = main.querySelector("h1");
const state = main.querySelector(".board-head .state");

let waiting = 0; // handed in

setClock(Date.parse(facts.now ?? "")); // by which things go out

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
  if (!details) return;
  heading.textContent = details.title;
  state.dataset.state = details.status;
  state.textContent = state.dataset[details.status] ?? "";
  tellTitle();
}

/**
 * @param {import("./api.js").NewsroomEntry | null} entry
 * @param {import("./autosave.js").Mode} mode
 */
async function write(entry, mode) {
  if (entry) return composer.edit(entry, mode);
  if (form.dataset.mode !== "new") await composer.clear();
  composer.body.focus();
}

/** @param {import("./composer.js").Conflict} conflict */
async function resolve({ current, mine, drop, send, keep }) {
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
  review: confirmCorrection,
  follow: followConversion,
  preview: (place, owner) => new Preview(place, owner),
  onSaved: () => drafts.read().catch(() => {}),
});
bindComposerKeys(composer);
suggestTags(form.querySelector(".tagged"), coverage);
listen(form, "conflict", resolve);
listen(form, "opened", (id) => {
  presence.editing = id;
  // What had the focus may be there for another kind of text only.
  const field = document.activeElement;
  if (field && form.contains(field) && !field.checkVisibility()) composer.body.focus();
});
presence.editing = composer.entryId;
outbox.start();
answerSignOut(caller, composer.autosave);

bindActions(main, entryActions(path, { drafts, write }));
bindDeskKeys(main, entries.timeline, () => write(null, "new"));
followChanges(coverage, (hint) => {
  (hint === "visits" ? presence.read() : drafts.read()).catch(() => {});
});
drafts.read().catch(complain);
