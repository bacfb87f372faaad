/* The box that takes participants or speakers as lines: fetches the preview and adds its rows without leaving the form.
   Without this script the same buttons send the form and get it back with the preview or the rows in it. */
(() => {
  "use strict";

  const setSelect = (select, choices) => {
    for (const one of choices) {
      let option = [...select.options].find((known) => known.value === one.id);
      if (!option) {
        option = new Option(one.mark ? `${one.text} (${one.mark})` : one.text, one.id);
        select.add(option);
      }
      option.dataset.detail = one.detail;
      option.selected = true;
    }
    // Told to the choosing field alone: what the row holds was proposed with the preview.
    django.jQuery(select).trigger("change");
  };

  class PasteBox {
    constructor(box) {
      this.box = box;
      this.form = box.closest("form");
      this.prefix = box.dataset.prefix;
      this.text = box.querySelector("textarea");
      this.preview = box.querySelector("[data-preview]");
      this.said = box.querySelector("[data-said]");
      this.listen();
    }

    listen() {
      this.box.addEventListener("click", (event) => {
        const { name } = event.target.closest("button") ?? {};
        if (name === "_paste_look" || name === "_paste_add") {
          event.preventDefault();
          this[name]();
        }
      });
      this.box.addEventListener("keydown", (event) => {
        if (event.key !== "Enter") {
          return;
        }
        if (event.ctrlKey || event.metaKey) {
          event.preventDefault();
          this[event.target === this.text ? "_paste_look" : "_paste_add"]();
        }
      });
      // A preview of other lines than those in the box is none.
      this.text.addEventListener("input", () => {
        this.request?.abort();
        this.preview.replaceChildren();
      });
    }

    sent() {
      const wanted = new RegExp(`^(?:date|paste|csrfmiddlewaretoken|${this.prefix}-(?:TOTAL_FORMS|\\d+-(?:actor|role|position|DELETE)))$`);
      const sent = new FormData();
      for (const [name, value] of new FormData(this.form)) {
        if (wanted.test(name)) {
          sent.append(name, value);
        }
      }
      return sent;
    }

    async _paste_look() {
      this.request?.abort();
      this.request = new AbortController();
      this.box.setAttribute("aria-busy", "true");
      try {
        const response = await fetch(this.box.dataset.paste, {
          method: "POST",
          body: this.sent(),
          signal: this.request.signal,
        });
        if (!response.ok) {
          throw new TypeError(String(response.status));
        }
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        this.preview.replaceChildren(...page.body.children);
        this.said.textContent = "";
        this.preview.querySelector("h3").focus();
      } catch (error) {
        if (error.name !== "AbortError") {
          // No network, or logged out: the lines stay in the box, and the server says why with the next save.
          this.said.textContent = this.box.dataset.failed;
        }
      } finally {
        this.box.removeAttribute("aria-busy");
      }
    }

    _paste_add() {
      const left = [];
      let added = 0;
      let first = null;
      for (const line of this.preview.querySelectorAll("[data-line]")) {
        const picked = line.querySelector("input[data-row]:checked:not(:disabled)");
        if (picked) {
          const row = this.add(JSON.parse(picked.dataset.row));
          first ??= row;
          added += 1;
        } else {
          left.push(line.dataset.line);
        }
      }
      if (!added) {
        return;
      }
      this.text.value = left.join("\n");
      this.preview.replaceChildren();
      const { addedOne, addedMany } = this.box.dataset;
      this.said.textContent = added === 1 ? addedOne : addedMany.replace("%d", added);
      // What looks for records like this one asks again, with the new rows in the form.
      this.form.elements.title?.dispatchEvent(new Event("change", { bubbles: true }));
      first.querySelector(".cell input:not([type=hidden]), .cell select:not([hidden])").focus();
    }

    add(values) {
      const place = this.form.elements[`${this.prefix}-TOTAL_FORMS`].value;
      document.querySelector(`#${CSS.escape(this.prefix)}-group .add-row a`).click();
      for (const [name, value] of Object.entries(values)) {
        const field = this.form.elements[`${this.prefix}-${place}-${name}`];
        if (!field) {
          continue;
        }
        if (typeof value === "object") {
          const choices = Array.isArray(value) ? value : [value];
          if (choices.length) {
            setSelect(field, choices);
          }
        } else {
          field.value = value;
        }
        const isTold = name === "attendance" ? value !== "confirmed" : name !== "position";
        const fold = field.closest("details");
        if (fold && isTold && String(value)) {
          fold.open = true;
        }
      }
      return document.getElementById(`${this.prefix}-${place}`);
    }
  }

  // After everything else that waits for the document, the rows of Django's script included.
  window.addEventListener("load", () => {
    for (const box of document.querySelectorAll("[data-paste]")) {
      new PasteBox(box);
    }
  });
})();
