// Makes the page usable before its program (WebAssembly) runs, or if it never does:
// dialogs open, typed text is kept and handed over, an early press is repeated once
// the program runs, and failures are explained. A plain script without dependencies,
// which a strict Content-Security-Policy with Trusted Types allows.
(() => {
  "use strict";
  performance.mark("boot-started");

  // go-app reads these at its start, which throws in a browser that blocks site
  // data. This page stores nothing in the browser.
  for (const name of ["localStorage", "sessionStorage"]) {
    const entries = new Map();
    const memory = {
      getItem: (key) => (entries.has(String(key)) ? entries.get(String(key)) : null),
      setItem: (key, value) => void entries.set(String(key), String(value)),
      removeItem: (key) => void entries.delete(String(key)),
      clear: () => entries.clear(),
      key: (index) => [...entries.keys()][index] ?? null,
      get length() { return entries.size; },
    };
    Object.defineProperty(window, name, { value: memory, configurable: true });
  }

  const slowAfter = 8000; // ms until the page says that it is still loading
  const loadTimeout = 90000; // ms until loading counts as failed
  const failureDelay = 1000; // ms until a failure is shown, if the person stays on the page
  const byId = (id) => document.getElementById(id);
  const sentence = (name) => byId("boot-words")?.dataset[name] ?? "";
  const element = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
  const openDialog = () => document.querySelector("dialog[open]");

  let mounted = false; // the program handles events
  let opener = ""; // ID of the element that opened the dialog
  let dirty = false; // something was typed in the dialog
  let earlyPress = ""; // ID of the button to press once the program runs
  let captured = null; // the document's state between captureState and restoreState
  let composing = false; // an input method is composing a word
  let promised = false; // the status says what happens once the program runs
  let failure = ""; // the failure that is shown
  const hasFailed = () => failure && failure !== "slow";

  // No dialog closes by itself, with the program either: the browser decides on the
  // default action before the program handles the event.

  document.addEventListener("submit", (event) => {
    if (event.target.method === "dialog") event.preventDefault();
  }, true);
  document.addEventListener("cancel", (event) => {
    if (event.target instanceof HTMLDialogElement) event.preventDefault();
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && openDialog() && !event.isComposing) event.preventDefault();
  }, true);

  // Another language or theme keeps the rest of the address, such as the filters of a list.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="?lang="], a[href^="?theme="]');
    if (!link) return;
    const chosen = link.getAttribute("href");
    const address = new URL(location.href);
    for (const [name, value] of new URLSearchParams(chosen)) address.searchParams.set(name, value);
    link.href = address.search;
    setTimeout(() => link.setAttribute("href", chosen));
  });

  // A form with dates sends the times at which these days begin and end in the
  // browser's zone, so that "Nov 28" is the same day as in all times on the page.
  document.addEventListener("formdata", (event) => {
    for (const input of event.target.querySelectorAll("[data-day]")) {
      const [year, month, day] = input.value.split("-").map(Number);
      if (!day) continue;
      const at = new Date(0);
      at.setFullYear(year, month - 1, input.dataset.day === "end" ? day + 1 : day);
      at.setHours(0, 0, 0, 0);
      event.formData.set(input.name, localTime(at));
    }
  });

  function localTime(at) {
    const two = (n) => String(Math.floor(Math.abs(n))).padStart(2, "0");
    const east = -at.getTimezoneOffset();
    const day = `${String(at.getFullYear()).padStart(4, "0")}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
    return `${day}T${two(at.getHours())}:${two(at.getMinutes())}:00${east < 0 ? "-" : "+"}${two(east / 60)}:${two(east % 60)}`;
  }

  // Until the program is mounted: one set of listeners for the whole document.

  const listen = (type, handle, capture) => document.addEventListener(type, (event) => {
    if (!mounted) handle(event);
  }, capture);

  listen("input", (event) => {
    if (event.target.closest("dialog")) dirty = true;
    else if (event.target.type === "search") showMatches(event.target.value);
  });
  listen("change", (event) => {
    if (event.target.name === "credential") showChoice(event.target);
    else if (event.target.tagName === "SELECT" && !event.target.closest("dialog")) promise("press");
  });
  listen("compositionstart", () => { composing = true; });
  document.addEventListener("compositionend", () => { composing = false; });

  listen("click", (event) => {
    const button = event.target.closest("button");
    if (!button || button.type === "submit" || button.hasAttribute("popovertarget")) return;
    if (button.dataset.opens) {
      const dialog = byId(button.dataset.opens);
      if (dialog && !dialog.open) {
        opener = button.id;
        dialog.showModal();
        dialog.querySelector("input, textarea, select")?.focus();
        if (failure) showFailure(failure); // moves it into the dialog
      }
    } else if (button.dataset.reveals) {
      const input = byId(button.dataset.reveals);
      const shown = input.type === "password";
      input.type = shown ? "text" : "password";
      button.firstElementChild.textContent = shown ? button.dataset.hide : button.dataset.show;
    } else if ((button.id === "cancel" || button.id === "close") && !dirty) {
      closeDialog();
    } else if (button.id === "continue" && byId("unchosen").matches(".muted, .error")) {
      askForChoice();
    } else if (button.id) {
      pressLater(button.id, "press");
    }
  });

  listen("submit", (event) => {
    if (event.target.method !== "dialog") return; // signing out works without the program
    const button = event.submitter ?? event.target.querySelector("button[type=submit]");
    pressLater(button.id, button.id === "save" ? "early" : "press");
  });

  // Escape closes a dialog without typed text. Otherwise the program asks first.
  listen("keydown", (event) => {
    if (event.key !== "Escape" || !openDialog() || event.isComposing) return;
    if (dirty) pressLater("cancel", "press");
    else closeDialog();
  });

  // showChoice says beside Continue which credential is selected.
  function showChoice(radio) {
    const chosen = byId("unchosen");
    chosen.className = "selection";
    chosen.removeAttribute("role");
    chosen.replaceChildren(element("span", sentence("selected")), element("strong", radio.closest(".tile").querySelector(".tile-name").textContent));
  }

  // askForChoice says that Continue needs a selection.
  function askForChoice() {
    const unchosen = byId("unchosen");
    unchosen.className = "selection error";
    unchosen.setAttribute("role", "alert");
    unchosen.textContent = sentence("choose");
  }

  // showMatches hides the tiles without the words that were typed. Tiles do not show all that
  // the server searches, and there may be further pages. So only the program can find nothing.
  let counted = ""; // how many there are
  function showMatches(search) {
    const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    const words = plain(search).split(/\s+/);
    const tiles = [...document.querySelectorAll(".tile-radio")].map((radio) => radio.closest(".tile"));
    const found = byId("more") ? [] : tiles.filter((tile) => words.every((word) => plain(tile.textContent).includes(word)));
    for (const tile of tiles) tile.hidden = found.length > 0 && !found.includes(tile);
    const count = byId("list-count");
    counted ||= count?.textContent;
    if (count) count.textContent = search.trim() && found.length ? sentence("some").replace("%s", found.length) : counted;
    byId("later-search")?.remove();
    if (!search.trim() || found.length || hasFailed()) return;
    byId("notice").append(Object.assign(element("p", sentence("search")), { id: "later-search", className: "quiet-line" }));
  }

  function closeDialog() {
    openDialog()?.close();
    byId(opener)?.focus();
    opener = earlyPress = "";
  }

  // pressLater presses a button once the program runs, and says so until then.
  function pressLater(id, sentenceName) {
    if (!hasFailed()) earlyPress = id;
    promise(sentenceName);
  }

  // promise says what happens once the program runs. If it never will, it leads to what says so.
  function promise(sentenceName) {
    if (hasFailed()) return byId("load-failure")?.querySelector("button").focus();
    say(sentenceName);
    promised = true;
  }

  // say shows a sentence as the page's status, with a name in it.
  function say(sentenceName, name = "") {
    promised = false;
    const status = openDialog()?.querySelector("[role=status].foot-words") ?? byId("status");
    if (status) {
      status.textContent = sentence(sentenceName).replace("%s", () => name);
      status.parentElement.classList.toggle("empty", !sentenceName);
      status.scrollIntoView({ block: "nearest" }); // what was pressed may be far below
    }
  }

  // Mounting replaces the document's elements. captureState saves what they hold, and
  // restoreState puts it into the new elements with the same IDs.

  const inputs = () => document.querySelectorAll("#app input[id], #app textarea[id], #app select[id]");

  function captureState() {
    const active = document.activeElement;
    captured = { fields: [], open: {}, scroll: [window.scrollX, window.scrollY], inner: {}, dialog: openDialog()?.id ?? "",
      popover: document.querySelector("#app [popover]:popover-open")?.id };
    for (const input of inputs()) {
      const choice = input.type === "radio" || input.type === "checkbox";
      captured.fields.push([input.id, choice ? input.checked : input.value, choice, input.type]);
    }
    for (const details of document.querySelectorAll("#app details[id]")) captured.open[details.id] = details.open;
    for (const body of document.querySelectorAll("#app .dialog-body[id]")) captured.inner[body.id] = body.scrollTop;
    if (active?.id) {
      captured.active = active.id;
      try {
        captured.caret = [active.selectionStart, active.selectionEnd, active.selectionDirection];
      } catch { /* this element has no caret */ }
    }
  }

  function restoreState() {
    const before = { dialog: captured?.dialog ?? "", opener, dirty, earlyPress, search: "", selected: "", purpose: "", shown: {} };
    if (!captured) return before;
    for (const [id, value, choice, type] of captured.fields) {
      const input = byId(id);
      if (!input) continue;
      if (choice) {
        input.checked = value;
        if (value && input.name === "credential") before.selected = input.value;
        if (value && input.name === "purpose") before.purpose = input.value;
      } else {
        if (input.value !== value) input.value = value;
        if (input.type === "password" && type === "text") {
          input.type = "text";
          before.shown[id] = true;
        }
        if (input.type === "search") before.search = value;
      }
    }
    for (const [id, open] of Object.entries(captured.open)) if (byId(id)) byId(id).open = open;
    if (before.dialog) byId(before.dialog)?.showModal();
    if (captured.popover) byId(captured.popover)?.showPopover();
    const active = captured.active && byId(captured.active);
    if (active) {
      active.focus({ preventScroll: true });
      if (captured.caret?.[0] != null) active.setSelectionRange(...captured.caret);
    }
    for (const [id, top] of Object.entries(captured.inner)) if (byId(id)) byId(id).scrollTop = top;
    window.scrollTo(...captured.scroll);
    captured = null; // keeps no copy of secrets: the values are only in the fields now
    opener = earlyPress = "";
    mounted = true;
    return before;
  }

  // showFailure explains why the page does not work. An open dialog makes everything
  // outside of it inert, so the explanation is shown inside.
  function showFailure(kind) {
    byId("load-failure")?.remove();
    failure = kind;
    if (hasFailed()) withdraw();
    const box = document.createElement("div");
    box.id = "load-failure";
    box.className = kind === "slow" ? "load-failure waiting" : "load-failure";
    box.setAttribute("role", kind === "slow" ? "status" : "alert");
    if (kind !== "slow") box.append(element("strong", sentence("title")));
    box.append(element("p", sentence(kind)));
    if (kind !== "slow" && (dirty || openDialog())) box.append(element("p", sentence("typed")));
    const reload = element("button", sentence("reload"));
    reload.type = "button";
    reload.className = "button";
    reload.addEventListener("click", () => location.reload());
    box.append(reload);
    (openDialog() ?? document.body).prepend(box);
    document.documentElement.dataset.failure = kind;
  }

  // withdraw removes what the page said that it will do.
  function withdraw() {
    byId("later-search")?.remove();
    if (promised) say("");
    earlyPress = "";
  }

  // A browser that leaves the page stops its downloads, and Firefox its program too. That
  // is not for the person to see, unless they come back to what was stopped.
  let stopped = false;
  function fail(kind) {
    stopped = true;
    window.paycorEmbed?.send("error", { code: "program", message: "The page’s program could not load or has stopped." });
    setTimeout(() => showFailure(kind), failureDelay);
  }
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && stopped) location.reload();
  });

  function clearFailure() {
    if (window.paycorEmbed?.failure()) return; // the program cannot fix the connection to the site
    byId("load-failure")?.remove();
    failure = "";
    delete document.documentElement.dataset.failure;
  }

  // The program.

  async function load(href, imports) {
    const response = await fetch(href, { credentials: "same-origin" });
    if (!response.ok) throw Object.assign(new Error("not there"), { kind: "missing" });
    if (WebAssembly.instantiateStreaming && response.headers.get("Content-Type")?.startsWith("application/wasm")) {
      return WebAssembly.instantiateStreaming(response, imports);
    }
    return WebAssembly.instantiate(await response.arrayBuffer(), imports);
  }

  async function read(href) {
    const response = await fetch(href, { credentials: "same-origin" });
    if (!response.ok) throw Object.assign(new Error("not there"), { kind: "missing" });
    return response.text();
  }

  // loadLanguage loads the sentences of another language, and resolves to its tag.
  async function loadLanguage(tag) {
    const language = String(tag).split("-")[0].toLowerCase();
    const link = byId("sentences");
    if (!link?.dataset.languages.split(" ").includes(language)) throw new Error("no such language");
    window.paycorBoot.sentences = await read(link.href.replace(/[^/]*$/, `${language}.json`));
    return (document.documentElement.lang = language);
  }

  async function run() {
    const link = byId("wasm");
    if (!link) return showFailure("unbuilt");
    if (typeof WebAssembly !== "object") return showFailure("blocked");
    if (typeof Go !== "function") return showFailure("offline");
    const sentences = byId("sentences"); // of the page's language
    if (!sentences) return showFailure("unbuilt");
    await window.paycorEmbed?.shown;
    const slowTimer = setTimeout(() => showFailure("slow"), slowAfter);
    const timeoutTimer = setTimeout(() => showFailure("timeout"), loadTimeout);
    const go = new Go();
    go.env = { GODEBUG: "clobberfree=1" }; // overwrites freed memory, which may have held secrets
    let loaded;
    try {
      [loaded, window.paycorBoot.sentences] = await Promise.all([load(link.href, go.importObject), read(sentences.href)]);
    } catch (error) {
      const blocked = error instanceof WebAssembly.CompileError || error instanceof EvalError || error instanceof WebAssembly.LinkError;
      fail(error.kind ?? (blocked ? "blocked" : "offline"));
      return;
    } finally {
      clearTimeout(slowTimer);
      clearTimeout(timeoutTimer);
    }
    while (composing) await new Promise((done) => document.addEventListener("compositionend", done, { once: true }));
    clearFailure();
    // The program runs as long as the page. If it ends, it has crashed.
    go.run(loaded.instance).then(() => fail("broken"), () => fail("broken"));
  }

  window.paycorBoot = {
    captureState, restoreState, showFailure, say, loadLanguage,
    press: (id) => setTimeout(() => byId(id)?.click()),
    mounted: () => { foldGuide(); mounted = true; performance.mark("app-mounted"); document.documentElement.dataset.mounted = ""; },
  };

  // Folds the guide, once, if the window is so narrow that the guide comes before the
  // form. In a frame there is a guide only after the site is connected.
  let folded = false;
  function foldGuide() {
    const guide = byId("guide");
    if (!guide || folded) return;
    folded = true;
    if (matchMedia("(max-width: 60rem)").matches) guide.open = false;
  }

  // The guide follows the field that has the focus.
  document.addEventListener("focusin", (event) => {
    const guide = byId("guide");
    const input = event.target.closest(".field")?.querySelector("input, textarea, select")?.id;
    if (!guide || !input || !guide.closest("dialog").contains(event.target)) return;
    for (const part of guide.querySelectorAll("[data-for]")) part.classList.toggle("is-current", part.dataset.for === input);
    const steps = guide.parentElement, current = guide.querySelector("li.is-current");
    if (!current || steps.scrollHeight <= steps.clientHeight) return;
    const margin = guide.querySelector(".portal").offsetHeight + 16;
    steps.scrollTo({ top: current.offsetTop - margin, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  });

  function start() {
    foldGuide();
    performance.mark("form-usable");
    run();
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
