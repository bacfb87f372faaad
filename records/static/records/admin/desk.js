/* The form of a record: saving with the keyboard, and losing nothing. */
(() => {
  "use strict";

  const ready = () => {
    const form = document.querySelector("form[id$=_form]");
    if (!form) {
      return;
    }
    let isChanged = document.querySelector(".errornote") !== null;
    let isSent = false;

    document.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "s") {
        event.preventDefault();
        // The change of the field one is in counts, too.
        document.activeElement?.dispatchEvent(new Event("change", { bubbles: true }));
        (form.elements._continue ?? form.elements._save)?.click();
      }
    });

    // Ctrl+Enter adds a row to the part one is in, and goes to it.
    form.addEventListener("keydown", (event) => {
      if (event.defaultPrevented) {
        return; // the box for pasted lines has this key, too
      }
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
        const link = event.target.closest(".inline-group")?.querySelector(".add-row a");
        if (link) {
          event.preventDefault();
          link.click();
        }
      }
    });

    // Enter belongs to the field one is in: saving is Ctrl+S or a button.
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches("input:not([type=submit], [type=button])")) {
        event.preventDefault();
      }
    });

    for (const name of ["input", "change"]) {
      form.addEventListener(name, (event) => {
        // The word that confirms a warning stands in the form and is none of it.
        isChanged ||= event.target.form === form && event.isTrusted || event.target.matches("select[data-choose]");
      });
    }

    form.addEventListener("submit", (event) => {
      if (isSent) {
        event.preventDefault();
      }
      isSent = true;
    });
    window.addEventListener("pageshow", () => {
      isSent = false;
    });
    window.addEventListener("beforeunload", (event) => {
      if (isChanged && !isSent) {
        event.preventDefault();
      }
    });

    for (const link of form.querySelectorAll(".add-row a")) {
      link.setAttribute("aria-keyshortcuts", "Control+Enter");
      link.title = "Ctrl+Enter";
    }

    // Django's script puts the link that removes a new row at the row's beginning; there it is one more stop on the way in.
    const placeRemoveLinks = () => {
      for (const link of form.querySelectorAll(".row__head .inline-deletelink")) {
        link.closest(".row").querySelector(".row__end").append(link.parentElement);
      }
    };
    placeRemoveLinks();
    document.addEventListener("formset:added", (event) => {
      placeRemoveLinks();
      event.target.querySelector(".cell input:not([type=hidden]), .cell select:not([hidden])")?.focus();
    });
    form.addEventListener("click", (event) => {
      if (event.target.closest(".inline-deletelink")) {
        isChanged = true;
      }
    });

    const note = document.querySelector(".errornote");
    if (note) {
      note.tabIndex = -1;
      note.focus();
    }
  };

  // After everything else that waits for the document, the rows of Django's script included.
  window.addEventListener("load", ready);
})();
