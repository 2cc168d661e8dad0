/**
 * The desk of a coverage: puts together what is written, what waits and what is out.
 */

import { setClock } from "../times.js";
import { hear } from "./bell.js";
import { Composer } from "./composer.js";
import { review, settle } from "./conflict.js";
import { follow } from "./conversion.js";
import { deeds, obey } from "./deeds.js";
import { Drafts } from "./drafts.js";
import { Entries } from "./entries.js";
import { complain, say } from "./herald.js";
import { listen } from "./keyboard.js";
import { Outbox } from "./outbox.js";
import { attend } from "./parting.js";
import { assist } from "./shortcuts.js";
import { Visits } from "./visits.js";

const main = document.querySelector("main.board");
const facts = main.dataset;
const path = `/v1/coverages/${facts.coverage}`;
const isEditor = facts.role !== "contributor";
const heading = main.querySelector("h1");
const state = main.querySelector(".board-head .state");

let waiting = 0; // handed in

setClock(Date.parse(facts.now)); // by which things go out

const editors = (id) => visits.at(id);
const visits = new Visits(path, {
  list: main.querySelector(".visitors ul"),
  onChange: () => {
    drafts.show();
    entries.tellEditors();
  },
});
const drafts = new Drafts(main.querySelector("#drafts"), {
  path,
  isEditor,
  caller: facts.caller,
  delay: Number(facts.delay),
  editors,
  onNews: tellNews,
});
const entries = new Entries(main.querySelector("#updates"), { facts, editors, onEvent: take });

function tellNews({ submitted, was, is }) {
  waiting = submitted;
  tellTitle();
  if (!is) return;
  const isFirst = (name) => is[name] && !was[name];
  if (isFirst("returned") && is.author === facts.caller) say("returned-by", is.returned.by);
  else if (isFirst("submitted_at") && is.author !== facts.caller) {
    say("submitted-by", drafts.author(is));
  }
}

function tellTitle() {
  const words = heading.textContent;
  document.title = isEditor && waiting ? `(${waiting}) ${words}` : words;
}

function take({ entry, details }) {
  if (entry && drafts.get(entry.id)) drafts.read().catch(complain);
  if (!details) return;
  heading.textContent = details.title;
  state.dataset.state = details.status;
  state.textContent = state.dataset[details.status];
  tellTitle();
}

async function write(entry, mode) {
  if (entry) return composer.edit(entry, mode);
  if (form.dataset.mode !== "new") await composer.clear();
  composer.body.focus();
}

async function resolve({ detail }) {
  const answer = await settle(detail.current, detail.mine);
  if (!answer) return;
  const { choice, ...text } = answer;
  const ways = { theirs: "drop", mine: "send", merge: "keep" };
  await detail[ways[choice]](text);
  composer.body.focus();
}

const outbox = new Outbox(facts.caller);
const form = main.querySelector("form.composer");
const composer = new Composer(form, {
  coverage: facts.coverage,
  role: facts.role,
  outbox,
  review,
  follow,
  onSaved: () => drafts.read().catch(() => {}),
});
assist(composer);
form.addEventListener("conflict", resolve);
form.addEventListener("opened", ({ detail }) => {
  visits.editing = detail;
  // What had the focus may be there for another kind of text only.
  const { activeElement: field } = document;
  if (form.contains(field) && !field.checkVisibility()) composer.body.focus();
});
visits.editing = composer.entryId;
outbox.start();
attend(facts.caller, composer.autosave);

obey(main, deeds(path, { drafts, write }));
listen(main, entries.timeline, () => write(null, "new"));
hear(facts.coverage, (hint) => (hint === "visits" ? visits.read() : drafts.read()).catch(() => {}));
drafts.read().catch(complain);
