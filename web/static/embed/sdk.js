// The embedding site's side of the protocol "paycor-credentials", version 1, without
// dependencies. It creates no inline style or script, for strict Content-Security-Policies.
const source = "paycor-credentials";
const here = import.meta.url;
const home = /^(https?:.*\/)embed\/(v1\/)?sdk\.js/.exec(here)?.[1]; // none in a bundle
const flags = "allow-scripts allow-same-origin allow-forms";
const messages = {
  initialized: "onReady", dirty: "onDirty", close: "onClose", error: "onError",
  "credential.created": "onCreated", "credential.updated": "onUpdated", "credential.deleted": "onDeleted",
  "credential.selected": "onSelect", "verification.finished": "onVerified",
};
const views = ["list", "add", "credential", "edit", "rotate", "activate"];
const tokenTimeout = 10000; // ms; less than the frame waits for another token
let frames = 0;

const newError = (code, message) => Object.assign(new Error(message), { name: "PaycorCredentialsError", code });

const checkView = (view, id) => {
  if (!views.includes(view)) throw newError("options", `There is no view "${view}". There are ${views.join(", ")}.`);
  if (!["list", "add"].includes(view) && !id) throw newError("options", `The view "${view}" needs the ID of a credential.`);
};

/** Shows the page inside an element. */
export function mount(element, options) {
  const { hostId, getToken, theme, locale, appearance, purpose, view, credentialId: id, prefill, title = "Paycor credentials", popups = false } = options;
  if (!element?.append || !hostId || typeof getToken !== "function") {
    throw newError("options", "mount(element, options) needs an element of the document, and hostId and getToken in the options.");
  }
  if (!(options.server ?? home)) throw newError("options", "The options need server, the address of the credential server: this module was not loaded from it.");
  if (view !== undefined) checkView(view, id);
  const maxHeight = () => options.maxHeight ?? Math.min(800, innerHeight), minHeight = () => Math.min(options.minHeight ?? 320, maxHeight());
  const server = (options.server ?? home).replace(/\/+$/, ""), serverOrigin = new URL(server).origin;
  const text = (look) => (look ? JSON.stringify(look) : "");
  const state = { theme, locale, appearance: text(appearance) };
  const query = (name, value) => (value ? `&${name}=${encodeURIComponent(value)}` : "");
  let port, nonce, destroyed = false, sent = 0, received = [], wanted = 0, visible = "", resolveStarted, rejectStarted, timer, sizeTimer;
  let queued = []; // messages from before there was a port
  const timers = {};
  const started = new Promise((resolve, reject) => { resolveStarted = resolve; rejectStarted = reject; });
  started.catch(() => {});

  const frame = document.createElement("iframe");
  frame.title = title;
  frame.id = `paycor-credentials-${++frames}`;
  frame.setAttribute("sandbox", popups ? `${flags} allow-popups allow-popups-to-escape-sandbox` : flags);
  frame.allow = "clipboard-write";
  frame.referrerPolicy = "strict-origin"; // without a referrer, Firefox hides this page's origin from the frame
  for (const [name, value] of Object.entries({ border: "0", display: "block", width: "100%", height: `${minHeight()}px`, "color-scheme": "normal" })) {
    frame.style.setProperty(name, value);
  }

  const notify = (name, detail) => {
    if (destroyed || !options[name]) return;
    try { options[name](detail); } catch (error) { queueMicrotask(() => { throw error; }); }
  };
  const reportError = (code, message) => {
    if (destroyed) return;
    const error = newError(code, `${message} More: ${server}/embed/doctor?host=${encodeURIComponent(hostId)}&origin=${encodeURIComponent(location.origin)}&sandbox=${encodeURIComponent(frame.getAttribute("sandbox") ?? "")}&referrer=${frame.referrerPolicy}${query("appearance", state.appearance)}`);
    clearTimeout(timer);
    rejectStarted(error);
    if (options.onError) notify("onError", error);
    else console.error(error);
  };
  const post = (type, payload) => {
    if (port) port.postMessage({ source, v: 1, id: `h${++sent}`, type, payload });
    else if (!destroyed) queued.push([type, payload]);
  };
  const isMessage = (m, version = 1) => {
    try {
      return m?.source === source && m.v === version && typeof m.type === "string" && typeof m.payload === "object" && m.payload && JSON.stringify(m).length <= 16384;
    } catch { return false; }
  };
  const token = async () => {
    let late;
    const hangs = new Promise((_, reject) => { late = setTimeout(() => reject(newError("no_token", `getToken() has not answered for ${tokenTimeout / 1000} seconds.`)), tokenTimeout); });
    const signed = await Promise.race([getToken(), hangs]).finally(() => clearTimeout(late));
    if (typeof signed !== "string" || !signed) throw newError("no_token", "getToken() returned no token.");
    return signed;
  };

  const resize = () => {
    const height = `${Math.round(Math.min(maxHeight(), Math.max(minHeight(), wanted)))}px`;
    if (frame.style.getPropertyValue("height") !== height) frame.style.setProperty("height", height);
    reportVisible();
  };
  // The frame centers its dialogs in what is in sight. Scrolling is reported once it pauses.
  const reportVisible = () => {
    clearTimeout(sizeTimer);
    sizeTimer = setTimeout(() => {
      const { top, bottom } = frame.getBoundingClientRect();
      const hidden = { top: Math.round(Math.max(0, -top)), bottom: Math.round(Math.max(0, bottom - innerHeight)) };
      if (visible === JSON.stringify(hidden)) return;
      visible = JSON.stringify(hidden);
      post("visible", hidden);
    }, 100);
  };

  const receive = ({ data }) => {
    const now = Date.now();
    received = received.filter((time) => now - time < 1000);
    if (destroyed || received.push(now) > 100 || !isMessage(data)) return;
    const { type, payload } = data;
    if (type === "resize" && payload.height > 0) {
      wanted = payload.height;
      resize();
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
    if (destroyed || from !== frame.contentWindow || !isMessage(data, data?.v) || data.type !== "ready") return;
    if (data.v !== 1) {
      if (origin === serverOrigin) reportError("version", `The frame speaks version ${data.v} of the protocol and this module version 1. Load the module from the same server.`);
      return;
    }
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
    port = null;
    const channel = new MessageChannel();
    channel.port1.onmessage = receive;
    try {
      const due = first;
      first = token; // a reloaded frame needs another
      const signed = await (due === token ? token() : due);
      if (destroyed || nonce !== offered) return;
      port = channel.port1;
      frame.contentWindow.postMessage({
        source, v: 1, id: `h${++sent}`, type: "init",
        payload: { nonce, token: signed, ...state, purpose, popups, view, id, prefill },
      }, serverOrigin, [channel.port2]);
      visible = "";
      reportVisible();
      for (const message of queued.splice(0)) post(...message);
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
  addEventListener("resize", resize);
  addEventListener("scroll", reportVisible, { capture: true, passive: true });
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
  frame.src = `${server}/embed?host=${encodeURIComponent(hostId)}${query("lang", locale)}${query("theme", theme)}${query("appearance", state.appearance)}`;
  element.append(frame);

  // Changes are sent once they pause: the frame drops what comes too fast.
  const change = (name, value) => {
    if (state[name] === value) return;
    state[name] = value;
    clearTimeout(timers[name]);
    timers[name] = setTimeout(() => post(name, { [name]: state[name] }), 50);
  };
  const update = (changes) => {
    if ("theme" in changes) change("theme", changes.theme);
    if (changes.locale) change("locale", changes.locale);
    if ("appearance" in changes) change("appearance", text(changes.appearance));
  };

  return {
    frame,
    ready: started,
    update,
    open(view = "add", id = "", prefill = undefined) {
      checkView(view, id);
      post("open", { view, id, prefill });
    },
    select: (id) => post("select", { id }),
    setTheme: (theme) => update({ theme }),
    setLocale: (locale) => update({ locale }),
    focus() { frame.focus(); post("focus", {}); },
    /** Removes the frame and its listeners. */
    destroy() {
      if (destroyed) return;
      post("close", {});
      destroyed = true;
      clearTimeout(timer);
      clearTimeout(sizeTimer);
      rejectStarted(newError("destroyed", "The frame was removed."));
      removeEventListener("message", connect);
      removeEventListener("resize", resize);
      removeEventListener("scroll", reportVisible, { capture: true });
      document.removeEventListener("securitypolicyviolation", reportPolicy);
      port?.close();
      frame.remove();
    },
  };
}

/** Lets the person choose a credential in a modal dialog. Resolves to null if none was chosen. */
export function pick(options) {
  if (options.signal?.aborted) return Promise.reject(newError("aborted", "The selection was aborted."));
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
      mounted?.destroy();
      dialog.remove();
      opener?.focus?.();
      settle(value);
    };
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      if (dirty) mounted.focus(); // the frame asks about unsaved changes
      else close({ reason: "escape" });
    });
    const close = (detail) => {
      options.onClose?.(detail);
      finish(resolve, null);
    };
    let mounted;
    try {
      mounted = mount(dialog, {
        ...options,
        onReady(detail) { isReady = true; mounted.focus(); options.onReady?.(detail); },
        onDirty(detail) { dirty = detail.dirty; options.onDirty?.(detail); },
        onSelect(detail) { finish(resolve, detail); options.onSelect?.(detail); },
        onClose: close,
        onError(error) { // after the start an error is temporary, and typed values stay
          options.onError?.(error);
          if (!isReady) finish(reject, error);
        },
      });
    } catch (error) {
      finish(reject, error);
    }
    options.signal?.addEventListener("abort", () => finish(reject, newError("aborted", "The selection was aborted.")), { once: true });
  });
}
