// What the page needs until its program (WebAssembly) has loaded, and if it never
// loads: dialogs open, typed text is kept and handed over, an early press is
// remembered, and problems are shown. Plain script without dependencies that works
// under a strict policy with Trusted Types.
(() => {
  "use strict";
  performance.mark("boot-started");

  // The program's framework reads these when it starts, and a browser that blocks
  // site data throws then. This page stores nothing in any browser.
  for (const name of ["localStorage", "sessionStorage"]) {
    const kept = new Map();
    const memory = {
      getItem: (key) => (kept.has(String(key)) ? kept.get(String(key)) : null),
      setItem: (key, value) => void kept.set(String(key), String(value)),
      removeItem: (key) => void kept.delete(String(key)),
      clear: () => kept.clear(),
      key: (index) => [...kept.keys()][index] ?? null,
      get length() { return kept.size; },
    };
    Object.defineProperty(window, name, { value: memory, configurable: true });
  }

  const slow = 8000; // ms until the page says that it is still loading
  const tooLate = 90000; // ms until the page gives up
  const byId = (id) => document.getElementById(id);
  const say = (name) => byId("boot-words")?.dataset[name] ?? "";
  const openDialog = () => document.querySelector("dialog[open]");

  let mounted = false; // the program has taken over
  let opener = ""; // id of what opened the dialog
  let dirty = false; // something was typed in the dialog
  let early = ""; // ID of the button to press once the program runs
  let kept = null; // the document's state between take and give: what is typed, open and focused
  let composing = false; // an input method is composing a word
  let failed = ""; // the kind of problem that is shown

  // Always: no dialog closes by itself. The program handles events too late to
  // prevent the browser's default.

  document.addEventListener("submit", (event) => {
    if (event.target.method === "dialog") event.preventDefault();
  }, true);
  document.addEventListener("cancel", (event) => {
    if (event.target instanceof HTMLDialogElement) event.preventDefault();
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && openDialog() && !event.isComposing) event.preventDefault();
  }, true);

  // A form with dates sends when they begin and end in local time, so that "Nov 28"
  // is the same day as everywhere else on the page.
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

  // Before the program: one set of listeners for the whole document.

  const listen = (type, handle, capture) => document.addEventListener(type, (event) => {
    if (!mounted) handle(event);
  }, capture);

  listen("input", (event) => { if (event.target.closest("dialog")) dirty = true; });
  listen("compositionstart", () => { composing = true; });
  document.addEventListener("compositionend", () => { composing = false; });

  listen("click", (event) => {
    const button = event.target.closest("button");
    if (!button || button.type === "submit") return;
    if (button.dataset.opens) {
      const dialog = byId(button.dataset.opens);
      if (dialog && !dialog.open) {
        opener = button.id;
        dialog.showModal();
        dialog.querySelector("input, textarea, select")?.focus();
        if (failed) trouble(failed); // show it in the dialog
      }
    } else if (button.dataset.reveals) {
      const input = byId(button.dataset.reveals);
      const shown = input.type === "password";
      input.type = shown ? "text" : "password";
      button.firstElementChild.textContent = shown ? button.dataset.hide : button.dataset.show;
    } else if ((button.id === "cancel" || button.id === "close") && !dirty) {
      leave();
    } else if (button.id) {
      remember(button.id, "press");
    }
  });

  listen("submit", (event) => {
    if (event.target.method !== "dialog") return; // signing out works without the program
    const button = event.submitter ?? event.target.querySelector("button[type=submit]");
    remember(button.id, button.id === "save" ? "early" : "press");
  });

  // Escape closes a dialog without typed text. With typed text the program asks first.
  listen("keydown", (event) => {
    if (event.key !== "Escape" || !openDialog() || event.isComposing) return;
    if (dirty) remember("cancel", "press");
    else leave();
  });

  function leave() {
    openDialog()?.close();
    byId(opener)?.focus();
    opener = early = "";
  }

  function remember(id, words) {
    if (failed && failed !== "slow") return byId("trouble")?.scrollIntoView();
    early = id;
    const line = openDialog()?.querySelector("[role=status].foot-words") ?? byId("status");
    if (line) {
      line.textContent = say(words);
      line.parentElement.classList.remove("empty");
    }
  }

  // The handover: take saves the state of the server's HTML, and give restores it in
  // the program's elements, which have the same IDs.

  const inputs = () => document.querySelectorAll("#app input[id], #app textarea[id], #app select[id]");

  function take() {
    const active = document.activeElement;
    kept = { fields: [], open: {}, scroll: [window.scrollX, window.scrollY], inner: {}, dialog: openDialog()?.id ?? "" };
    for (const input of inputs()) {
      const choice = input.type === "radio" || input.type === "checkbox";
      kept.fields.push([input.id, choice ? input.checked : input.value, choice, input.type]);
    }
    for (const details of document.querySelectorAll("#app details[id]")) kept.open[details.id] = details.open;
    for (const body of document.querySelectorAll("#app .dialog-body[id]")) kept.inner[body.id] = body.scrollTop;
    if (active?.id) {
      kept.active = active.id;
      try {
        kept.caret = [active.selectionStart, active.selectionEnd, active.selectionDirection];
      } catch { /* this type of element has no caret */ }
    }
  }

  function give() {
    const before = { dialog: kept?.dialog ?? "", opener, dirty, early, search: "", selected: "", purpose: "", shown: {} };
    if (!kept) return before;
    for (const [id, value, choice, type] of kept.fields) {
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
    for (const [id, open] of Object.entries(kept.open)) if (byId(id)) byId(id).open = open;
    if (before.dialog) byId(before.dialog)?.showModal();
    const active = kept.active && byId(kept.active);
    if (active) {
      active.focus({ preventScroll: true });
      if (kept.caret?.[0] != null) active.setSelectionRange(...kept.caret);
    }
    for (const [id, top] of Object.entries(kept.inner)) if (byId(id)) byId(id).scrollTop = top;
    window.scrollTo(...kept.scroll);
    kept = null; // typed secrets are now in the fields only
    opener = early = "";
    mounted = true;
    return before;
  }

  // Problems are shown in the open dialog, because everything outside of it is inert.

  function trouble(kind) {
    byId("trouble")?.remove();
    failed = kind;
    const box = document.createElement("div");
    box.id = "trouble";
    box.className = kind === "slow" ? "trouble waiting" : "trouble";
    box.setAttribute("role", kind === "slow" ? "status" : "alert");
    const line = (tag, words) => {
      const element = document.createElement(tag);
      element.textContent = words;
      return element;
    };
    if (kind !== "slow") box.append(line("strong", say("title")));
    box.append(line("p", say(kind)));
    if (kind !== "slow" && (dirty || openDialog())) box.append(line("p", say("typed")));
    const reload = line("button", say("reload"));
    reload.type = "button";
    reload.className = "button";
    reload.addEventListener("click", () => location.reload());
    box.append(reload);
    (openDialog() ?? document.body).prepend(box);
    document.documentElement.dataset.trouble = kind;
  }

  function calm() {
    if (window.paycorEmbed?.failure()) return; // a failed embedding stays failed
    byId("trouble")?.remove();
    failed = "";
    delete document.documentElement.dataset.trouble;
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

  // speak loads the sentences of another language, and resolves to its tag.
  async function speak(tag) {
    const language = String(tag).split("-")[0].toLowerCase();
    const link = byId("sentences");
    if (!link?.dataset.languages.split(" ").includes(language)) throw new Error("no such language");
    window.paycorBoot.sentences = await read(link.href.replace(/[^/]*$/, `${language}.json`));
    return (document.documentElement.lang = language);
  }

  async function run() {
    const link = byId("wasm");
    if (!link) return trouble("unbuilt");
    if (typeof WebAssembly !== "object") return trouble("blocked");
    if (typeof Go !== "function") return trouble("offline");
    const sentences = byId("sentences"); // of the page's language
    if (!sentences) return trouble("unbuilt");
    const waiting = setTimeout(() => trouble("slow"), slow);
    const lost = setTimeout(() => trouble("timeout"), tooLate);
    const go = new Go();
    go.env = { GODEBUG: "clobberfree=1" }; // overwrites freed memory, which held secrets
    let loaded;
    try {
      [loaded, window.paycorBoot.sentences] = await Promise.all([load(link.href, go.importObject), read(sentences.href)]);
    } catch (error) {
      const refused = error instanceof WebAssembly.CompileError || error instanceof EvalError || error instanceof WebAssembly.LinkError;
      trouble(error.kind ?? (refused ? "blocked" : "offline"));
      return;
    } finally {
      clearTimeout(waiting);
      clearTimeout(lost);
    }
    while (composing) await new Promise((done) => document.addEventListener("compositionend", done, { once: true }));
    calm();
    // The program runs as long as the page. If it ends, it has crashed.
    go.run(loaded.instance).then(() => trouble("broken"), () => trouble("broken"));
  }

  window.paycorBoot = {
    take, give, trouble, speak,
    press: (id) => setTimeout(() => byId(id)?.click()),
    mounted: () => { fold(); mounted = true; performance.mark("app-mounted"); document.documentElement.dataset.mounted = ""; },
  };

  // On narrow screens the guide precedes the form, so it is folded once. In a frame
  // the guide exists only after the handshake.
  let folded = false;
  function fold() {
    const guide = byId("guide");
    if (!guide || folded) return;
    folded = true;
    if (matchMedia("(max-width: 60rem)").matches) guide.open = false;
  }

  function begin() {
    fold();
    performance.mark("form-usable");
    run();
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
