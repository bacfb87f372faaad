/* Once an actor and the date are known, fills what is still empty in its row: the office held then, and the side.
   What was filled is said under the row and can be undone; what an editor typed is never touched. */
(() => {
  "use strict";

  const ROW = /^(participations|speakers)-(\d+)-actor$/;
  const filled = new WeakMap(); // by row: what was filled, to undo it

  const changed = (field) => field.dispatchEvent(new Event("change", { bubbles: true }));

  const undo = (row) => {
    for (const take of filled.get(row) ?? []) {
      take();
    }
    filled.delete(row);
    row.querySelector("[data-proposal]")?.replaceChildren();
  };

  const fillSide = (field, side) => {
    if (!field || !side || field.value.trim()) {
      return null;
    }
    field.value = side;
    changed(field);
    return () => {
      if (field.value === side) {
        field.value = "";
        changed(field);
      }
    };
  };

  const fillOffices = (field, offices) => {
    const isOpen = field && ![...field.selectedOptions].some((option) => option.value);
    if (!isOpen || offices.length === 0 || (!field.multiple && offices.length > 1)) {
      return null;
    }
    const options = offices.map((one) => {
      const known = [...field.options].find((option) => option.value === one.id);
      const option = known ?? new Option(one.text, one.id);
      option.dataset.detail = one.detail;
      if (!known) {
        field.add(option);
      }
      option.selected = true;
      return option;
    });
    changed(field);
    return () => {
      for (const option of options) {
        option.selected = false;
      }
      changed(field);
    };
  };

  const say = (row, proposal) => {
    let place = row.querySelector("[data-proposal]");
    if (!place) {
      place = document.createElement("p");
      place.className = "help";
      place.dataset.proposal = "";
      place.setAttribute("aria-live", "polite");
      row.querySelector(".row__body").append(place);
    }
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    button.textContent = proposal.undo;
    button.addEventListener("click", () => undo(row));
    place.replaceChildren(`${proposal.words} `, button);
  };

  const propose = async (form, select) => {
    const [, prefix, number] = ROW.exec(select.name);
    const row = select.closest(".row");
    undo(row);
    if (!select.value || !row) {
      return;
    }
    const url = new URL(select.dataset.choose, document.baseURI);
    url.pathname = url.pathname.replace(/choices\/$/, `${select.value}/proposal/`);
    url.searchParams.set("on", form.elements.date?.value ?? "");
    const asked = select.value;
    const response = await fetch(url, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!response?.ok || select.value !== asked) {
      return; // The form works without a proposal.
    }
    const proposal = await response.json();
    const field = (name) => form.elements[`${prefix}-${number}-${name}`];
    const done = [
      fillSide(field("side"), proposal.side),
      fillOffices(field("offices") ?? field("tenure"), proposal.offices),
    ].filter(Boolean);
    if (done.length) {
      filled.set(row, done);
      say(row, proposal);
    }
  };

  document.addEventListener("DOMContentLoaded", () => {
    document.addEventListener("change", (event) => {
      const { form, name } = event.target;
      if (!form) {
        return;
      }
      if (ROW.test(name ?? "")) {
        propose(form, event.target);
      } else if (name === "date") {
        for (const select of form.querySelectorAll("select[name$='-actor']")) {
          // What an editor chose before stands; a proposal that follows the date is made anew.
          if (ROW.test(select.name) && select.value) {
            propose(form, select);
          }
        }
      }
    });
  });
})();
