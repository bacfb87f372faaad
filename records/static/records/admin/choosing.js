/* Makes a combobox of every select with data-choose: one types, the server answers, the select holds what was chosen.
   Follows the WAI-ARIA pattern "editable combobox with list autocomplete". Without this script the select keeps its value. */
(() => {
  "use strict";

  const PAUSE = 150; // milliseconds without typing before the server is asked
  let count = 0;

  const make = (tag, attributes = {}, text = "") => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      element.setAttribute(name, value);
    }
    element.textContent = text;
    return element;
  };

  class Chooser {
    constructor(select) {
      this.select = select;
      this.active = -1;
      this.answers = [];
      this.build();
      this.show();
      this.listen();
    }

    build() {
      const { select } = this;
      const list = `chooser-list-${(count += 1)}`;
      this.box = make("div", { class: select.multiple ? "chooser chooser--many" : "chooser" });
      this.input = make("input", {
        type: "text",
        class: "chooser__input",
        id: `${select.id}_search`,
        role: "combobox",
        autocomplete: "off",
        spellcheck: "false",
        "aria-autocomplete": "list",
        "aria-expanded": "false",
        "aria-controls": list,
      });
      for (const name of ["aria-describedby", "aria-invalid"]) {
        if (select.hasAttribute(name)) {
          this.input.setAttribute(name, select.getAttribute(name));
        }
      }
      const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
      if (label) {
        label.htmlFor = this.input.id;
      }
      this.label = (label?.textContent ?? "").replace(/:\s*$/, "").trim();
      this.list = make("ul", { class: "chooser__list", role: "listbox", id: list, "aria-label": this.label });
      this.list.hidden = true;
      if (select.multiple) {
        this.chosen = make("ul", { class: "chooser__chosen", "aria-label": this.label });
        this.box.append(this.chosen);
      }
      this.said = make("p", { class: "chooser__said", role: "status" });
      this.box.append(this.input, this.list, this.said);
      select.classList.add("chooser__value");
      select.hidden = true;
      select.after(this.box);
    }

    listen() {
      const { input, list, select } = this;
      input.addEventListener("input", () => this.later());
      input.addEventListener("click", () => {
        if (list.hidden) {
          input.select();
          this.ask("");
        }
      });
      input.addEventListener("keydown", (event) => this.key(event));
      input.addEventListener("focus", () => {
        this.tabbed = false;
        input.select();
      });
      input.addEventListener("blur", () => this.leave());
      // The focus stays in the input while the mouse chooses.
      list.addEventListener("mousedown", (event) => event.preventDefault());
      list.addEventListener("click", (event) => {
        const option = event.target.closest("[role=option]");
        if (option) {
          this.choose(Number(option.dataset.index));
        }
      });
      // Through jQuery, because the window that added a missing record tells only jQuery of it.
      django.jQuery(select).on("change", () => this.show());
    }

    get selected() {
      return [...this.select.selectedOptions].filter((option) => option.value);
    }

    show() {
      const { input, select } = this;
      if (!select.multiple) {
        const [option] = this.selected;
        input.value = option?.textContent ?? "";
        input.title = option?.dataset.detail ?? "";
        return;
      }
      input.value = "";
      const items = this.selected.map((option) => {
        const item = make("li", { class: "chooser__one" }, option.textContent);
        item.title = option.dataset.detail ?? "";
        const remove = make("button", {
          type: "button",
          class: "chooser__remove",
          "aria-label": `${select.dataset.remove} ${option.textContent}`,
        }, "×");
        remove.addEventListener("click", () => {
          option.remove();
          this.changed();
          input.focus();
        });
        item.append(remove);
        return item;
      });
      this.chosen.replaceChildren(...items);
      this.chosen.hidden = items.length === 0;
    }

    changed() {
      this.select.dispatchEvent(new Event("change", { bubbles: true }));
    }

    later() {
      clearTimeout(this.timer);
      this.say("");
      this.waiting = true;
      this.timer = setTimeout(() => this.ask(this.input.value), PAUSE);
    }

    url(term) {
      const { choose, kinds, narrowedBy, offers } = this.select.dataset;
      const url = new URL(choose, document.baseURI);
      url.searchParams.set("term", term);
      if (offers) {
        url.searchParams.set("offers", "1");
      }
      if (kinds) {
        url.searchParams.set("kind", kinds);
      }
      for (const pair of narrowedBy ? narrowedBy.split(",") : []) {
        const [parameter, field] = pair.split(":");
        // "/date" is a field of the record itself, any other name one of the same row.
        const name = field.startsWith("/") ? field.slice(1) : this.select.name.replace(/[^-]+$/, field);
        const value = this.select.form?.elements[name]?.value;
        if (value) {
          url.searchParams.set(parameter, value);
        }
      }
      return url;
    }

    async ask(term) {
      clearTimeout(this.timer);
      this.request?.abort();
      this.request = new AbortController();
      this.waiting = true;
      try {
        const response = await fetch(this.url(term), { signal: this.request.signal });
        this.waiting = false;
        if (response.ok) {
          this.answer(await response.json(), term);
        }
      } catch (error) {
        // Aborted by the next letter, or no network: the value chosen before still stands.
        if (error.name !== "AbortError" && !(error instanceof TypeError)) {
          throw error;
        }
      }
    }

    answer({ results, more, offer }, term) {
      const taken = new Set(this.selected.map((option) => option.value));
      this.answers = this.select.multiple ? results.filter((one) => !taken.has(one.id)) : results;
      if (offer) {
        this.answers = [...this.answers, { ...offer, typed: term }];
      }
      if (document.activeElement !== this.input) {
        // Left with Tab before the answer came: only what is beyond doubt is chosen.
        if (this.leftWith && this.answers.length === 1 && !more && (!offer || this.tabbed)) {
          this.choose(0);
        }
        this.close();
        if (!this.isMaking) {
          this.show();
        }
        return;
      }
      const options = this.answers.map((one, index) => {
        const option = make("li", { role: "option", id: `${this.list.id}-${index}`, "aria-selected": "false" });
        option.dataset.index = index;
        option.append(make("span", { class: "chooser__text" }, one.text));
        if (one.mark) {
          option.append(make("span", { class: "chooser__mark" }, one.mark));
        }
        if (one.detail) {
          option.append(make("span", { class: "chooser__detail" }, one.detail));
        }
        return option;
      });
      const { none, more: moreWords } = this.select.dataset;
      const note = options.length === 0 ? none : more ? moreWords : "";
      this.list.replaceChildren(...options);
      if (note) {
        this.list.append(make("li", { class: "chooser__note", role: "option", "aria-disabled": "true" }, note));
        this.list.lastChild.removeAttribute("data-index");
      }
      this.open();
      this.activate(term && options.length ? 0 : -1);
    }

    open() {
      this.list.hidden = false;
      this.input.setAttribute("aria-expanded", "true");
      this.list.scrollIntoView({ block: "nearest" });
    }

    close() {
      this.list.hidden = true;
      this.input.setAttribute("aria-expanded", "false");
      this.activate(-1);
    }

    activate(index) {
      this.active = index;
      this.input.removeAttribute("aria-activedescendant");
      [...this.list.children].forEach((option, place) => {
        option.setAttribute("aria-selected", String(place === index));
        if (place === index) {
          this.input.setAttribute("aria-activedescendant", option.id);
          option.scrollIntoView({ block: "nearest" });
        }
      });
    }

    choose(index) {
      const one = this.answers[index];
      if (!one) {
        return;
      }
      if (one.url) {
        this.make(one);
      } else {
        this.take(one);
      }
    }

    /* Makes the record that was offered; what was typed stays in the field until it is there. */
    async make(offer) {
      const { select, input } = this;
      const { offers, failed } = select.dataset;
      this.isMaking = true;
      this.close();
      input.readOnly = true;
      this.say(offers);
      try {
        const body = new FormData();
        body.set("csrfmiddlewaretoken", select.form.elements.csrfmiddlewaretoken.value);
        body.set("typed", offer.typed);
        const response = await fetch(offer.url, { method: "POST", body, redirect: "error" });
        const answer = response.ok ? await response.json() : { refusal: failed };
        if (answer.refusal) {
          this.say(answer.refusal, true);
        } else {
          this.take(answer);
          this.say(answer.words);
        }
      } catch (error) {
        // No network, or a page instead of an answer: the session is over.
        if (!(error instanceof TypeError || error instanceof SyntaxError)) {
          throw error;
        }
        this.say(failed, true);
      } finally {
        this.isMaking = false;
        input.readOnly = false;
      }
    }

    say(words, isRefusal = false) {
      this.said.textContent = words;
      this.said.classList.toggle("chooser__said--refusal", isRefusal);
    }

    take(one) {
      const { select } = this;
      const text = one.mark ? `${one.text} (${one.mark})` : one.text;
      let option = [...select.options].find((known) => known.value === one.id);
      if (!option) {
        option = new Option(text, one.id);
        select.add(option);
      }
      option.dataset.detail = one.detail;
      if (!select.multiple) {
        select.value = one.id;
      }
      option.selected = true;
      this.close();
      this.changed();
      if (document.activeElement === this.input) {
        this.input.select(); // so that typing on corrects the choice instead of adding to its name
      }
    }

    leave() {
      this.leftWith = this.waiting ? this.input.value.trim() : "";
      this.close();
      if (this.isMaking) {
        return;
      }
      if (!this.select.multiple && this.input.value.trim() === "" && this.select.value) {
        this.select.value = "";
        this.changed();
      } else if (!this.leftWith) {
        this.show();
      }
    }

    key(event) {
      const isOpen = !this.list.hidden;
      const last = this.answers.length - 1;
      switch (event.key) {
        case "ArrowDown":
        case "ArrowUp":
          event.preventDefault();
          if (!isOpen) {
            this.ask(this.select.multiple ? this.input.value : "");
          } else if (last >= 0) {
            const step = event.key === "ArrowDown" ? 1 : -1;
            this.activate((this.active + step + last + 1) % (last + 1));
          }
          break;
        case "Enter":
          // With Ctrl it adds a row, which is the form's to do.
          if (!event.ctrlKey && !event.metaKey) {
            event.preventDefault();
          }
          if (isOpen) {
            this.choose(this.active);
          }
          break;
        case "Tab":
          this.tabbed = true;
          if (isOpen && this.active >= 0) {
            this.choose(this.active);
          }
          break;
        case "Escape":
          if (isOpen) {
            event.preventDefault();
            event.stopPropagation();
            this.close();
            this.show();
          }
          break;
        case "Backspace":
          if (this.select.multiple && this.input.value === "" && this.selected.length) {
            this.selected.at(-1).remove();
            this.changed();
          }
          break;
      }
    }
  }

  const choosers = new WeakSet();
  const enhance = (root) => {
    for (const select of root.querySelectorAll("select[data-choose]")) {
      if (!select.closest(".empty-form") && !choosers.has(select)) {
        choosers.add(select);
        new Chooser(select);
      }
    }
  };

  document.addEventListener("DOMContentLoaded", () => enhance(document));
  document.addEventListener("formset:added", (event) => enhance(event.target));
})();
