// A link to whatever words of a text are selected. It opens with them marked: by the server in every browser, and by
// a text fragment in those that know one. Without this script the form below the text does the same.
"use strict";

(() => {
  const MOST = 200; // Longer passages are named by their first and last words.
  const WORDS = 6;
  const AROUND = 24; // So many letters before the words tell them from the same words elsewhere.
  const transcript = document.querySelector(".transcript");
  const box = document.querySelector(".quoting");
  if (!transcript || !box) return;
  const link = box.querySelector(".quoting-link");
  const said = box.querySelector(".quoting-said");

  const flat = (text) => text.replace(/\s+/gu, " ").trim();

  const paragraphOf = (node) =>
    (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.closest(".paragraph") ?? null;

  // The parts of the selection in the column it begins in, without the numbers beside the paragraphs.
  const selectedIn = (range) => {
    const touched = [...transcript.querySelectorAll(".paragraph")].filter((one) =>
      range.intersectsNode(one.querySelector(".paragraph-text")),
    );
    const parts = [];
    for (const paragraph of touched) {
      if (parts.length && paragraph.dataset.paragraph[0] !== parts[0].at[0]) continue;
      const text = paragraph.querySelector(".paragraph-text");
      const inside = document.createRange();
      inside.selectNodeContents(text);
      if (inside.comparePoint(range.startContainer, range.startOffset) === 0) {
        inside.setStart(range.startContainer, range.startOffset);
      }
      if (inside.comparePoint(range.endContainer, range.endOffset) === 0) {
        inside.setEnd(range.endContainer, range.endOffset);
      }
      const words = flat(inside.toString());
      if (!words) continue;
      const before = document.createRange();
      before.selectNodeContents(text);
      before.setEnd(inside.startContainer, inside.startOffset);
      parts.push({ at: paragraph.dataset.paragraph, words, before: flat(before.toString()) });
    }
    return parts;
  };

  // The first or last words of a long passage; of a script without spaces, letters.
  const edge = (text, atEnd) => {
    const words = text.split(" ");
    if (words.length > 2 * WORDS) return (atEnd ? words.slice(-WORDS) : words.slice(0, WORDS)).join(" ");
    const letters = [...text];
    return (atEnd ? letters.slice(-3 * WORDS) : letters.slice(0, 3 * WORDS)).join("").trim();
  };

  // A hyphen has a meaning in text fragments.
  const escaped = (text) => encodeURIComponent(text).replaceAll("-", "%2D");

  const addressOf = (parts) => {
    const whole = parts.map((one) => one.words).join(" ");
    const isLong = whole.length > MOST || parts.length > 1;
    const first = isLong ? edge(parts[0].words, false) : whole;
    const last = isLong ? edge(parts.at(-1).words, true) : "";
    const address = new URL(window.location.pathname, window.location.origin);
    address.searchParams.set("mark", first);
    if (last) address.searchParams.set("until", last);
    address.searchParams.set("at", parts[0].at);
    const before = parts[0].before.slice(-AROUND).replace(/^\S*\s/u, "");
    const directive = [before && `${escaped(before)}-`, escaped(first), last && escaped(last)].filter(Boolean).join(",");
    return `${address.href}#marked:~:text=${directive}`;
  };

  const hide = () => {
    box.hidden = true;
    said.textContent = "";
  };

  const show = () => {
    const selection = document.getSelection();
    if (box.contains(document.activeElement)) return;
    if (!selection || selection.isCollapsed || !selection.rangeCount) return hide();
    const range = selection.getRangeAt(0);
    const start = paragraphOf(range.startContainer);
    if (!start || !transcript.contains(start)) return hide();
    const parts = selectedIn(range);
    if (!parts.length) return hide();
    said.textContent = "";
    link.href = addressOf(parts);
    box.hidden = false;
    const place = range.getBoundingClientRect();
    const around = box.offsetParent?.getBoundingClientRect() ?? { left: 0, top: 0 };
    const room = document.documentElement.clientWidth - box.offsetWidth - 12;
    box.style.top = `${place.bottom - around.top + 6}px`;
    box.style.left = `${Math.max(12, Math.min(place.left, room)) - around.left}px`;
  };

  let waiting = 0;
  document.addEventListener("selectionchange", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(show, 150);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !box.hidden) hide();
  });
  box.querySelector(".quoting-copy").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(link.href);
      said.textContent = box.dataset.copied;
    } catch {
      // Without leave to write, or without TLS, the link itself is there to be copied.
      said.textContent = box.dataset.byHand;
      link.focus();
    }
  });
})();
