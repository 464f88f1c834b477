// The host's side of protocol "paycor-credentials", version 1. One module
// without dependencies. It makes no inline style or script, so that it runs
// under the host's own strict policy.
const source = "paycor-credentials";
const home = new URL(import.meta.url).origin;
const flags = "allow-scripts allow-same-origin allow-forms";
const messages = {
  initialized: "onReady", dirty: "onDirty", close: "onClose", error: "onError",
  "credential.created": "onCreated", "credential.updated": "onUpdated", "credential.deleted": "onDeleted",
  "credential.selected": "onSelect", "verification.finished": "onVerified",
};
let frames = 0;

const fault = (code, message) => Object.assign(new Error(message), { name: "PaycorCredentialsError", code });

/** Puts the page into an element. */
export function mount(element, options) {
  const { hostId, getToken, theme, locale, purpose, title = "Paycor credentials", popups = false } = options;
  if (!element?.append || !hostId || typeof getToken !== "function") {
    throw fault("options", "mount(element, options) needs an element of the page, and hostId and getToken in the options.");
  }
  const most = options.maxHeight ?? Math.min(800, innerHeight), least = Math.min(options.minHeight ?? 320, most);
  const server = options.server ? new URL(options.server).origin : home;
  const state = { theme, locale };
  let port, nonce, over = false, sent = 0, times = [], ready, fail, late;
  const began = new Promise((resolve, reject) => { ready = resolve; fail = reject; });
  began.catch(() => {});

  const frame = document.createElement("iframe");
  frame.title = title;
  frame.id = `paycor-credentials-${++frames}`;
  frame.setAttribute("sandbox", popups ? `${flags} allow-popups allow-popups-to-escape-sandbox` : flags);
  frame.allow = "clipboard-write";
  frame.referrerPolicy = "strict-origin"; // Firefox hides this page's origin from a frame without a referrer
  for (const [name, value] of Object.entries({ border: "0", display: "block", width: "100%", height: `${least}px`, "color-scheme": "normal" })) {
    frame.style.setProperty(name, value);
  }

  const tell = (name, detail) => {
    if (over || !options[name]) return;
    try { options[name](detail); } catch (error) { queueMicrotask(() => { throw error; }); }
  };
  const trouble = (code, message) => {
    if (over) return;
    const error = fault(code, `${message} More: ${server}/embed/doctor?host=${encodeURIComponent(hostId)}&origin=${encodeURIComponent(location.origin)}&sandbox=${encodeURIComponent(frame.getAttribute("sandbox") ?? "")}&referrer=${frame.referrerPolicy}`);
    clearTimeout(late);
    fail(error);
    if (options.onError) tell("onError", error);
    else console.error(error);
  };
  const post = (type, payload) => port?.postMessage({ source, v: 1, id: `h${++sent}`, type, payload });
  const sound = (m) => {
    try {
      return m?.source === source && m.v === 1 && typeof m.type === "string" && typeof m.payload === "object" && m.payload && JSON.stringify(m).length <= 16384;
    } catch { return false; }
  };
  const token = async () => {
    const made = await getToken();
    if (typeof made !== "string" || !made) throw fault("no_token", "getToken() gave no token.");
    return made;
  };

  const hear = ({ data }) => {
    const now = Date.now();
    times = times.filter((time) => now - time < 1000);
    if (over || times.push(now) > 100 || !sound(data)) return;
    const { type, payload } = data;
    if (type === "resize" && payload.height > 0) {
      const height = `${Math.round(Math.min(most, Math.max(least, payload.height)))}px`;
      if (frame.style.getPropertyValue("height") !== height) frame.style.setProperty("height", height);
    } else if (type === "token_request") {
      token().then((made) => post("token", { token: made }), (error) => { trouble("no_token", String(error?.message ?? error)); post("token", {}); });
    } else if (type === "error") {
      trouble(String(payload.code), String(payload.message));
    } else if (Object.hasOwn(messages, type)) {
      if (type === "initialized") { clearTimeout(late); ready(); }
      tell(messages[type], payload);
    }
  };

  const meet = async ({ origin, source: from, data }) => {
    if (over || from !== frame.contentWindow || !sound(data) || data.type !== "ready") return;
    // Such a frame has no origin; it is told of, and gets nothing.
    if (origin === "null" && data.payload.trouble === "sandbox") {
      nonce = "none";
      return trouble("sandbox", "The frame's sandbox lacks allow-same-origin.");
    }
    if (origin !== server) return;
    const fresh = data.payload.nonce;
    if (typeof fresh !== "string" || fresh === nonce) return;
    nonce = fresh;
    port?.close();
    const channel = new MessageChannel();
    port = channel.port1;
    port.onmessage = hear;
    try {
      const due = first;
      first = token; // a frame that was loaded again needs another
      const made = await (due === token ? token() : due);
      if (over || nonce !== fresh) return;
      frame.contentWindow.postMessage({
        source, v: 1, id: `h${++sent}`, type: "init",
        payload: { nonce, token: made, theme: state.theme, locale: state.locale, purpose, popups },
      }, server, [channel.port2]);
    } catch (error) {
      trouble("no_token", String(error?.message ?? error));
    }
  };
  const barred = (event) => {
    if (event.effectiveDirective === "connect-src") return; // of silent's look
    if (event.blockedURI?.startsWith(server)) trouble("host_policy", `This page's Content-Security-Policy forbids the frame: add "${event.effectiveDirective} ${server}".`);
  };

  let first = token(); // while the frame loads
  first.catch(() => {});
  addEventListener("message", meet);
  document.addEventListener("securitypolicyviolation", barred);
  // The frame's first word comes before it has loaded. Where none has come, a
  // look at the module tells which of the two it is.
  const silent = async () => {
    const reached = await fetch(`${server}/embed/sdk.js`, { cache: "no-store", credentials: "omit" }).then(({ ok }) => ok, () => false);
    if (!nonce) trouble("no_answer", reached ? `${location.origin} is not registered for the host "${hostId}".`
      : `The frame did not answer: either ${server} cannot be reached, or ${location.origin} is not registered for the host "${hostId}".`);
    else trouble("no_answer", "The page in the frame does not begin.");
  };
  late = setTimeout(silent, options.timeout ?? 20000);
  frame.addEventListener("load", () => setTimeout(() => { if (!nonce && !over) silent(); }, 2000), { once: true });
  frame.src = `${server}/embed?host=${encodeURIComponent(hostId)}${locale ? `&lang=${encodeURIComponent(locale)}` : ""}`;
  element.append(frame);

  return {
    frame,
    ready: began,
    open: (view = "add", id = "") => post("open", { view, id }),
    select: (id) => post("select", { id }),
    setTheme: (name) => post("theme", { theme: (state.theme = name) }),
    setLocale: (name) => post("locale", { locale: (state.locale = name) }),
    focus() { frame.focus(); post("focus", {}); },
    /** Takes the frame away, with all that belongs to it. */
    destroy() {
      if (over) return;
      post("close", {});
      over = true;
      clearTimeout(late);
      fail(fault("destroyed", "The frame was taken away."));
      removeEventListener("message", meet);
      document.removeEventListener("securitypolicyviolation", barred);
      port?.close();
      frame.remove();
    },
  };
}

/** Asks for one credential in a modal dialog: its id, name and purpose, or null where none was chosen. */
export function pick(options) {
  const before = document.activeElement;
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-label", options.title ?? "Paycor credentials");
  for (const [name, value] of Object.entries({ padding: "0", border: "0", width: "min(69rem, 100vw)", "max-width": "100vw", "max-height": "100dvh" })) {
    dialog.style.setProperty(name, value);
  }
  document.body.append(dialog);
  dialog.showModal();
  let dirty = false, begun = false;
  return new Promise((resolve, reject) => {
    const leave = (settle, value) => {
      mounted.destroy();
      dialog.remove();
      before?.focus?.();
      settle(value);
    };
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      if (dirty) mounted.focus(); // what is typed there is asked about there
      else leave(resolve, null);
    });
    const mounted = mount(dialog, {
      ...options,
      onReady(detail) { begun = true; mounted.focus(); options.onReady?.(detail); },
      onDirty(detail) { dirty = detail.dirty; options.onDirty?.(detail); },
      onSelect: (chosen) => leave(resolve, chosen),
      onClose: () => leave(resolve, null),
      onError(error) { // later it passes, and what is typed stays
        options.onError?.(error);
        if (!begun) leave(reject, error);
      },
    });
    options.signal?.addEventListener("abort", () => leave(reject, fault("aborted", "The choice was called off.")), { once: true });
  });
}
