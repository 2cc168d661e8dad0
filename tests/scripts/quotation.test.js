import assert from "node:assert/strict";
import test from "node:test";
import { quotation } from "../../app/desk/static/desk/quotation.js";

test("The last line of a quotation says whose it is, and where it was said.", () => {
  assert.equal(quotation("We stay.", "", ""), "> We stay.");
  assert.equal(
    quotation("We stay.\n\nAll of us.\n", "Ann Lee", "at the harbour"),
    "> We stay.\n>\n> All of us.\n>\n> — Ann Lee, at the harbour",
  );
  assert.equal(
    quotation("We stay.", "Ann Lee", "https://www.example.org/a"),
    "> We stay.\n>\n> — Ann Lee, [example.org](<https://www.example.org/a>)",
  );
});
