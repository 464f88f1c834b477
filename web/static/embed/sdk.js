// The embedding site's side of the protocol "paycor-credentials", version 1. A module
// without dependencies. It creates no inline style or script, so that it runs under
// the site's strict Content-Security-Policy.
const source = "paycor-credentials";
const home = new URL("..", import.meta.url).href;
const flags = "allow-scripts allow-same-origin allow-forms";
const messages = {
  initialized: "onReady", dirty: "onDirty", close: "onClose", error: "onError",
  "credential.created": "onCreated", "credential.updated": "onUpdated", "credential.deleted": "onDeleted",
  "credential.selected": "onSelect", "verification.finished": "onVerified",
};
let frames = 0;

const newError = (code, message) => Object.assign(new Error(message), { name: "PaycorCredentialsError", code });

/** Shows the page inside an element. */
export function mount(element, options) {
  const { hostId, getToken, theme, locale, purpose, title = "Paycor credentials", popups = false } = options;
  if (!element?.append || !hostId || typeof getToken !== "function") {
    throw newError("options", "mount(element, options) needs an element of the document, and hostId and getToken in the options.");
  }
  const maxHeight = options.maxHeight ?? Math.min(800, innerHeight), minHeight = Math.min(options.minHeight ?? 320, maxHeight);
  const server = (options.server ?? home).replace(/\/+$/, ""), serverOrigin = new URL(server).origin;
  const state = { theme, locale };
  let port, nonce, destroyed = false, sent = 0, received = [], resolveStarted, rejectStarted, timer;
  const started = new Promise((resolve, reject) => { resolveStarted = resolve; rejectStarted = reject; });
  started.catch(() => {});

  const frame = document.createElement("iframe");
  frame.title = title;
  frame.id = `paycor-credentials-${++frames}`;
  frame.setAttribute("sandbox", popups ? `${flags} allow-popups allow-popups-to-escape-sandbox` : flags);
  frame.allow = "clipboard-write";
  frame.referrerPolicy = "strict-origin"; // without a referrer, Firefox hides this page's origin from the frame
  for (const [name, value] of Object.entries({ border: "0", display: "block", width: "100%", height: `${minHeight}px`, "color-scheme": "normal" })) {
    frame.style.setProperty(name, value);
  }

  const notify = (name, detail) => {
    if (destroyed || !options[name]) return;
    try { options[name](detail); } catch (error) { queueMicrotask(() => { throw error; }); }
  };
  const reportError = (code, message) => {
    if (destroyed) return;
    const error = newError(code, `${message} More: ${server}/embed/doctor?host=${encodeURIComponent(hostId)}&origin=${encodeURIComponent(location.origin)}&sandbox=${encodeURIComponent(frame.getAttribute("sandbox") ?? "")}&referrer=${frame.referrerPolicy}`);
    clearTimeout(timer);
    rejectStarted(error);
    if (options.onError) notify("onError", error);
    else console.error(error);
  };
  const post = (type, payload) => port?.postMessage({ source, v: 1, id: `h${++sent}`, type, payload });
  const isMessage = (m) => {
    try {
      return m?.source === source && m.v === 1 && typeof m.type === "string" && typeof m.payload === "object" && m.payload && JSON.stringify(m).length <= 16384;
    } catch { return false; }
  };
  const token = async () => {
    const signed = await getToken();
    if (typeof signed !== "string" || !signed) throw newError("no_token", "getToken() returned no token.");
    return signed;
  };

  const receive = ({ data }) => {
    const now = Date.now();
    received = received.filter((time) => now - time < 1000);
    if (destroyed || received.push(now) > 100 || !isMessage(data)) return;
    const { type, payload } = data;
    if (type === "resize" && payload.height > 0) {
      const height = `${Math.round(Math.min(maxHeight, Math.max(minHeight, payload.height)))}px`;
      if (frame.style.getPropertyValue("height") !== height) frame.style.setProperty("height", height);
    } else if (type === "token_request") {
      token().then((signed) => post("token", { token: signed }), (error) => { reportError("no_token", String(error?.message ?? error)); post("token", {}); });
    } else if (type === "error") {
      reportError(String(payload.code), String(payload.message));
    } else if (Object.hasOwn(messages, type)) {
      if (type === "initialized") { clearTimeout(timer); resolveStarted(); }
      notify(messages[type], payload);
    }
  };

  const connect = async ({ origin, source: from, data }) => {
    if (destroyed || from !== frame.contentWindow || !isMessage(data) || data.type !== "ready") return;
    // Such a frame has no origin. The error is reported, and the frame gets nothing.
    if (origin === "null" && data.payload.trouble === "sandbox") {
      nonce = "none";
      return reportError("sandbox", "The frame's sandbox attribute lacks allow-same-origin.");
    }
    if (origin !== serverOrigin) return;
    const offered = data.payload.nonce;
    if (typeof offered !== "string" || offered === nonce) return;
    nonce = offered;
    port?.close();
    const channel = new MessageChannel();
    port = channel.port1;
    port.onmessage = receive;
    try {
      const due = first;
      first = token; // a reloaded frame needs another
      const signed = await (due === token ? token() : due);
      if (destroyed || nonce !== offered) return;
      frame.contentWindow.postMessage({
        source, v: 1, id: `h${++sent}`, type: "init",
        payload: { nonce, token: signed, theme: state.theme, locale: state.locale, purpose, popups },
      }, serverOrigin, [channel.port2]);
    } catch (error) {
      reportError("no_token", String(error?.message ?? error));
    }
  };
  const reportPolicy = (event) => {
    if (event.effectiveDirective === "connect-src") return; // of reportSilence's request
    if (event.blockedURI?.startsWith(serverOrigin)) reportError("host_policy", `This page's Content-Security-Policy blocks the frame: add "${event.effectiveDirective} ${serverOrigin}".`);
  };

  let first = token(); // while the frame loads
  first.catch(() => {});
  addEventListener("message", connect);
  document.addEventListener("securitypolicyviolation", reportPolicy);
  // The frame's first message arrives before it has loaded. Without one, a request for
  // the module shows whether the server is unreachable.
  const reportSilence = async () => {
    const reached = await fetch(`${server}/embed/sdk.js`, { cache: "no-store", credentials: "omit" }).then(({ ok }) => ok, () => false);
    if (!nonce) reportError("no_answer", reached ? `${location.origin} is not registered for the embedding site "${hostId}".`
      : `The frame did not respond: either ${server} cannot be reached, or ${location.origin} is not registered for the embedding site "${hostId}".`);
    else reportError("no_answer", "The page in the frame did not start.");
  };
  timer = setTimeout(reportSilence, options.timeout ?? 20000);
  frame.addEventListener("load", () => setTimeout(() => { if (!nonce && !destroyed) reportSilence(); }, 2000), { once: true });
  frame.src = `${server}/embed?host=${encodeURIComponent(hostId)}${locale ? `&lang=${encodeURIComponent(locale)}` : ""}`;
  element.append(frame);

  return {
    frame,
    ready: started,
    open: (view = "add", id = "") => post("open", { view, id }),
    select: (id) => post("select", { id }),
    setTheme: (name) => post("theme", { theme: (state.theme = name) }),
    setLocale: (name) => post("locale", { locale: (state.locale = name) }),
    focus() { frame.focus(); post("focus", {}); },
    /** Removes the frame and its listeners. */
    destroy() {
      if (destroyed) return;
      post("close", {});
      destroyed = true;
      clearTimeout(timer);
      rejectStarted(newError("destroyed", "The frame was removed."));
      removeEventListener("message", connect);
      document.removeEventListener("securitypolicyviolation", reportPolicy);
      port?.close();
      frame.remove();
    },
  };
}

/** Lets the person choose a credential in a modal dialog. Resolves to null if none was chosen. */
export function pick(options) {
  const opener = document.activeElement;
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-label", options.title ?? "Paycor credentials");
  for (const [name, value] of Object.entries({ padding: "0", border: "0", width: "min(69rem, 100vw)", "max-width": "100vw", "max-height": "100dvh" })) {
    dialog.style.setProperty(name, value);
  }
  document.body.append(dialog);
  dialog.showModal();
  let dirty = false, isReady = false;
  return new Promise((resolve, reject) => {
    const finish = (settle, value) => {
      mounted.destroy();
      dialog.remove();
      opener?.focus?.();
      settle(value);
    };
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      if (dirty) mounted.focus(); // the frame asks about unsaved changes
      else finish(resolve, null);
    });
    const mounted = mount(dialog, {
      ...options,
      onReady(detail) { isReady = true; mounted.focus(); options.onReady?.(detail); },
      onDirty(detail) { dirty = detail.dirty; options.onDirty?.(detail); },
      onSelect: (chosen) => finish(resolve, chosen),
      onClose: () => finish(resolve, null),
      onError(error) { // after the start an error is temporary, and typed values stay
        options.onError?.(error);
        if (!isReady) finish(reject, error);
      },
    });
    options.signal?.addEventListener("abort", () => finish(reject, newError("aborted", "The selection was aborted.")), { once: true });
  });
}
