/* “Cite” beside a field adds a row to the citations that is set to it, and goes there; Alt+Q does it from the field.
   Without this script the same button sends the form and gets it back with the row in it. */
(() => {
  "use strict";

  const PREFIX = "citations";
  const PARTICIPANTS = "participations";

  window.addEventListener("load", () => {
    const group = document.getElementById(`${PREFIX}-group`);
    const form = group?.closest("form");
    if (!form || !form.querySelector("[name=_cite]")) {
      return;
    }
    const field = (number, name) => form.elements[`${PREFIX}-${number}-${name}`];

    // The key Alt+Q leads to it: on the way through the form it is no stop.
    for (const button of form.querySelectorAll("[name=_cite]")) {
      button.tabIndex = -1;
    }

    /* What a citation names a participant by: its key, or the place of its row while it is not saved. */
    const rows = new Map(); // by option: the row it stands for
    const participation = (select, row) => {
      const saved = form.elements[`${row.id}-id`]?.value;
      if (saved) {
        return saved;
      }
      const value = `row:${row.id.slice(PARTICIPANTS.length + 1)}`;
      let option = [...select.options].find((known) => known.value === value);
      if (!option) {
        option = new Option(row.querySelector(".inline_label").textContent.trim(), value);
        select.add(option);
      }
      rows.set(option, row);
      return value;
    };

    // A row above was taken away: those below have moved up, and what names the row itself leads nowhere.
    document.addEventListener("formset:removed", (event) => {
      if (event.detail.formsetName !== PARTICIPANTS) {
        return;
      }
      setTimeout(() => {
        for (const [option, row] of rows) {
          option.value = row.isConnected ? `row:${row.id.slice(PARTICIPANTS.length + 1)}` : "row:gone";
          option.textContent = row.isConnected ? row.querySelector(".inline_label").textContent.trim() : "–";
        }
      });
    });

    const cite = (button) => {
      const number = form.elements[`${PREFIX}-TOTAL_FORMS`].value;
      group.querySelector(".add-row a").click();
      field(number, "field").value = button.dataset.field;
      const row = button.closest(`[id^="${PARTICIPANTS}-"].row`);
      const about = field(number, "participation");
      if (row && about) {
        about.value = participation(about, row);
      }
      const added = document.getElementById(`${PREFIX}-${number}`);
      added.scrollIntoView({ block: "center" });
      added.querySelector(".field-source .chooser__input")?.focus();
    };

    form.addEventListener("click", (event) => {
      const button = event.target.closest("[name=_cite]");
      if (button) {
        event.preventDefault();
        cite(button);
      }
    });
    form.addEventListener("keydown", (event) => {
      if (event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.code === "KeyQ") {
        const place = event.target.closest(".cell") ?? event.target.closest(".row");
        const button = place?.querySelector("[name=_cite]");
        if (button) {
          event.preventDefault();
          cite(button);
        }
      }
    });
  });
})();
