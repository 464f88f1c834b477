// What an embedded page needs before its program has loaded: the handshake with the
// site around the frame, the exchange of the site's token for a session, and the
// session's handle, which leaves this closure only as a header of our own requests.
// Protocol "paycor-credentials", version 1. Plain script without dependencies that
// works under a strict policy with Trusted Types.
(() => {
  "use strict";
  const root = document.documentElement;
  const begin = JSON.parse(document.getElementById("start").textContent).embed;
  const { host, origins } = begin;

  const source = "paycor-credentials";
  const version = 1;
  const maxMessageBytes = 16384; // as JSON
  const maxMessagesRead = 50; // per second
  const maxMessages = 500; // per second; more close the port
  const responseTimeout = 15000; // ms until the page says that the site does not respond
  const renewBefore = 60; // seconds before the end of a session
  const minBackoff = 4000, maxBackoff = 60000; // ms after a failed renewal; doubles each time
  const maxHead = 500; // ms for which the program lets the screen load before it
  const final = ["host_unknown", "frame_origin", "caller_changed"]; // another token does not help
  const unreachable = "The server does not respond. The frame continues once it does.";

  // The origins around the frame, from the parent outwards, where the browser
  // reveals them. Firefox masks an ancestor as "null" if its frame sends no
  // referrer. A masked one is unknown, not foreign: frame-ancestors has already
  // blocked every foreign page before this script runs.
  const ancestors = [...(location.ancestorOrigins ?? [])];
  const parentKnown = ancestors.length > 0 && ancestors[0] !== "null";
  const nonce = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  let port = null;
  let handle = ""; // of the session; kept in memory only
  let caller = ""; // workspace and ID of the person the session belongs to
  let renewal = 0; // the timer
  let request = null; // the pending token request: {promise, resolve, reject}
  let renewing = null;
  let failures = 0, notBefore = 0; // consecutive failed renewals, and when the next one is due
  let reported = ""; // code of the last reported error, until it is over
  let ended = false; // this site or person no longer has access
  let listener = null; // the program's
  let waiting = []; // messages from before there was a listener
  let count = 0, second = 0; // messages in the current second
  let sent = 0;

  let resolveBegun, rejectBegun;
  const begun = new Promise((resolve, reject) => { resolveBegun = resolve; rejectBegun = reject; });
  begun.catch(() => {});

  // The program has time until the person sees something. It loads beside a slow site, too.
  let resolveShown;
  const shown = new Promise((resolve) => { resolveShown = resolve; setTimeout(resolve, maxHead); });

  const embed = { begun, shown, failed: "", popups: false, fetch: authorizedFetch, send, receive };
  Object.defineProperty(window, "paycorEmbed", { value: Object.freeze({ ...embed, failure: () => embed.failed }) });

  // Errors, for the person and for the embedding site.

  function showFailure(kind, code, message) {
    embed.failed = kind;
    const show = () => window.paycorBoot?.showFailure(kind);
    if (document.readyState === "complete") show();
    else addEventListener("load", show);
    if (code) send("error", { code, message });
  }

  // report tells the site about a temporary error, once while it lasts.
  function report(code, message) {
    if (code !== reported) send("error", { code: (reported = code), message });
  }

  function isMessage(message) {
    if (typeof message !== "object" || message === null || message.source !== source || message.v !== version) return false;
    if (typeof message.type !== "string" || typeof message.payload !== "object" || message.payload === null) return false;
    try {
      return new TextEncoder().encode(JSON.stringify(message)).length <= maxMessageBytes;
    } catch {
      return false; // it cannot be written as JSON
    }
  }

  function send(type, payload = {}) {
    if (!port || (ended && type.startsWith("credential."))) return;
    if (type === "initialized" && initialized) return; // the screen was usable before the program
    const message = { source, v: version, id: `f${++sent}`, type, payload };
    if (isMessage(message)) port.postMessage(message);
    if (type !== "initialized") return;
    initialized = true;
    reportLook();
  }

  // The handshake.

  function ready(trouble) {
    const payload = trouble ? { nonce, trouble } : { nonce };
    // If the browser reveals the parent, the message goes to that origin only: for
    // every other origin the console would show an error.
    for (const origin of parentKnown ? [ancestors[0]].filter((one) => origins.includes(one)) : origins) {
      window.parent.postMessage({ source, v: version, id: "f0", type: "ready", payload }, origin);
    }
  }

  function connect(event) {
    if (port || event.source !== window.parent || !origins.includes(event.origin)) return;
    if (parentKnown && event.origin !== ancestors[0]) return;
    const message = event.data;
    if (!isMessage(message) || message.type !== "init" || message.payload.nonce !== nonce) return;
    if (event.ports.length !== 1 || typeof message.payload.token !== "string") return;
    removeEventListener("message", connect); // a second init is ignored
    clearTimeout(connectTimer);
    port = event.ports[0];
    port.onmessage = receiveMessage;
    embed.failed = "";
    setTheme(message.payload.theme);
    setLook(message.payload.appearance);
    exchange(message.payload.token, event.origin).then(async ({ start, screen }) => {
      start.embed.popups = message.payload.popups === true;
      if (message.payload.purpose === "destination") start.purpose = "destination";
      await parsed;
      if (screen) show(screen, start, message.payload.view);
      else resolveShown();
      if (message.payload.view) pass("open", message.payload);
      else if (message.payload.id) pass("select", message.payload);
      resolveBegun(JSON.stringify(start));
    }).catch((error) => {
      showFailure("embedRefused", error.code, error.message);
      rejectBegun(error);
    });
    parentOrigin = event.origin;
  }

  let parentOrigin = "";

  const parsed = new Promise((resolve) => addEventListener("DOMContentLoaded", resolve));

  // The screen before the program has loaded. A credential can be chosen in it, unless there
  // is something to ask about it first.

  let chooses = null; // what the screen began with; null without the screen

  function show(screen, start, view) {
    const focused = document.activeElement !== document.body;
    if (start.purpose === "destination") screen.querySelector("#purpose-destination").setAttribute("checked", "");
    document.getElementById("app").replaceWith(screen);
    if (focused) focusMain();
    chooses = start;
    resolveShown();
    if (!view) send("initialized", { version, locale: root.lang });
  }

  const focusMain = () => document.getElementById("main")?.focus();

  // takeEarly does what the site asks for before there is a program. Later it could take the
  // focus or the choice from a person who is further by then.
  function takeEarly(type, id) {
    const tile = type === "select" && document.getElementById(`tile-${id}`);
    if (tile) {
      tile.checked = true;
      tile.dispatchEvent(new Event("change", { bubbles: true }));
    } else if (type === "focus") focusMain();
    else return false;
    return true;
  }

  function choose() {
    const tile = document.querySelector("input[name=credential]:checked:not([data-asks])");
    const credential = chooses.list.credentials.find(({ id }) => id === tile?.value);
    if (!credential) return false;
    const purpose = document.querySelector("input[name=purpose]:checked").value;
    window.paycorBoot.say("embedChosen", credential.name);
    send("credential.selected", { id: credential.id, name: credential.name, purpose, state: credential.state });
    return true;
  }

  document.addEventListener("click", (event) => {
    if (!chooses || listener) return;
    const id = event.target.closest?.("button, a[href]")?.id;
    if (id === "close-frame") send("close", { reason: "cancel" });
    else if (id !== "continue" || !choose()) return;
    event.stopPropagation();
  }, true);

  // exchange exchanges a token for a session. The first answer is the screen, too, for a
  // person to use before the program has loaded.
  async function exchange(token, origin) {
    const address = `${root.dataset.base ?? ""}/embed/exchange?lang=${root.lang}`;
    const body = JSON.stringify({ host, token, origin });
    let response;
    try {
      response = await (handle ? loadSession : loadScreen)(address, body);
    } catch {
      throw Object.assign(new Error(unreachable), { code: "offline" });
    }
    const { ok, answer, screen } = response;
    if (!ok) throw Object.assign(new Error(answer.detail ?? "The token was rejected."), { code: answer.code ?? "refused" });
    const { workspace, id } = answer.start.caller, person = JSON.stringify([workspace, id]);
    if (caller && caller !== person) {
      throw Object.assign(new Error("The new token is for another person, tenant or workspace. Mount a new frame when that changes."), { code: "caller_changed" });
    }
    caller = person;
    handle = answer.session;
    failures = notBefore = 0;
    reported = "";
    renewIn(Math.max(1, answer.expires_in - renewBefore) * 1000);
    return { start: answer.start, screen };
  }

  async function loadSession(address, body) {
    const response = await fetch(address, {
      method: "POST", credentials: "omit", cache: "no-store", redirect: "error",
      headers: { "Content-Type": "application/json", Accept: "application/json" }, body,
    });
    return { ok: response.ok, answer: await response.json() };
  }

  // loadScreen requests a page as a document, in which no script runs. fetch can't do that,
  // and what else parses HTML is refused by the page's policy of Trusted Types. During an
  // upgrade, a server of the version before may answer, without the screen.
  function loadScreen(address, body) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", address);
      request.setRequestHeader("Content-Type", "application/json");
      request.setRequestHeader("Accept", "text/html, application/problem+json");
      request.onreadystatechange = () => {
        if (request.readyState === XMLHttpRequest.HEADERS_RECEIVED && request.getResponseHeader("Content-Type")?.startsWith("text/html")) request.responseType = "document";
      };
      request.onload = () => {
        try {
          const page = request.responseType ? request.responseXML : null;
          const answer = JSON.parse(page ? page.getElementById("start").textContent : request.responseText);
          resolve({ ok: request.status === 200, answer, screen: page?.getElementById("app") });
        } catch (error) {
          reject(error);
        }
      };
      request.onerror = reject;
      request.send(body);
    });
  }

  function renewIn(wait) {
    clearTimeout(renewal);
    renewal = setTimeout(() => renew().catch(() => {}), wait);
  }

  // renew requests another token from the site, once for all callers.
  function renew() {
    renewing ??= (async () => {
      try {
        request = Promise.withResolvers?.() ?? deferred();
        send("token_request");
        const late = setTimeout(() => request?.reject(Object.assign(new Error("The embedding site returned no new token."), { code: "no_token" })), responseTimeout);
        const token = await request.promise.finally(() => clearTimeout(late));
        await exchange(token, parentOrigin);
      } catch (error) {
        report(error.code ?? "no_token", error.message);
        if (final.includes(error.code)) {
          ended = true;
          handle = "";
          pass("ended", {});
        } else {
          const wait = Math.min(maxBackoff, minBackoff * 2 ** failures++);
          notBefore = Date.now() + wait;
          renewIn(wait);
        }
        throw error;
      } finally {
        request = renewing = null;
      }
    })();
    return renewing;
  }

  function deferred() {
    const deferredResult = {};
    deferredResult.promise = new Promise((resolve, reject) => Object.assign(deferredResult, { resolve, reject }));
    return deferredResult;
  }

  // authorizedFetch sends a request of the program with the session's handle. If the
  // server does not know the session, the request had no effect and is sent again
  // after a renewal.
  async function authorizedFetch(path, options) {
    const attempt = async () => {
      try {
        const response = await fetch(path, { ...options, credentials: "omit", headers: { ...options.headers, Authorization: `Bearer ${handle}` } });
        if (reported === "offline") reported = "";
        return response;
      } catch (error) {
        if (error.name !== "AbortError") report("offline", unreachable);
        throw error;
      }
    };
    const response = await attempt();
    if (response.status !== 401) return response;
    // The event stream waits for the backoff; what a person does is tried at once.
    if (ended || (path.endsWith("/events") && Date.now() < notBefore)) return response;
    try {
      await renew();
    } catch (error) {
      if (error.code === "offline") throw error;
      return response;
    }
    return attempt();
  }

  addEventListener("online", () => { if (failures) renewIn(0); });

  // Messages of the site after the handshake.

  function receiveMessage(event) {
    if (!port) return; // Firefox delivers messages that came before the port was closed
    const now = Math.floor(performance.now() / 1000);
    if (now !== second) [second, count] = [now, 0];
    if (++count > maxMessages) {
      send("error", { code: "flood", message: "The embedding site sent too many messages, so no more are read." });
      port.close();
      port = null;
      return;
    }
    const message = event.data;
    if (count > maxMessagesRead || !isMessage(message)) return;
    const { type, payload } = message;
    switch (type) {
      case "token":
        if (typeof payload.token === "string") request?.resolve(payload.token);
        else request?.reject(Object.assign(new Error("The embedding site returned no new token."), { code: "no_token" }));
        break;
      case "theme":
        setTheme(payload.theme);
        break;
      case "appearance":
        setLook(payload.appearance);
        break;
      case "locale":
        window.paycorBoot?.loadLanguage(payload.locale).then((tag) => pass("locale", { id: tag }), () => {}); // an unknown language changes nothing
        break;
      case "visible":
        setVisible(payload);
        break;
      case "open": case "select": case "focus": case "close":
        pass(type, payload);
        break;
    }
  }

  // pass passes a message to the program, or keeps it until the program listens.
  function pass(type, payload) {
    const text = (value) => typeof value === "string" ? value : "";
    if (listener) listener(type, text(payload.id), text(payload.view), suggested(payload.prefill));
    else if (!takeEarly(type, text(payload.id))) waiting.push([type, payload]);
  }

  // suggested returns what the site suggests for a new credential, as JSON. What is of the
  // wrong type is left out.
  function suggested(prefill) {
    if (typeof prefill !== "object" || prefill === null) return "";
    const draft = {};
    for (const name of ["name", "description"]) if (typeof prefill[name] === "string") draft[name] = prefill[name];
    if (Number.isInteger(prefill.legalEntityId)) draft.legal_entity_id = prefill.legalEntityId;
    if (Array.isArray(prefill.tags)) draft.tags = prefill.tags.filter((tag) => typeof tag === "string");
    return JSON.stringify(draft);
  }

  function receive(program) {
    listener = program;
    for (const [type, payload] of waiting.splice(0)) pass(type, payload);
  }

  function setTheme(theme) {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
  }

  // setLook shows the page as the site wants it now. The server checks that as it checks what is
  // in the frame's address, and writes the style sheet.
  let look = new URLSearchParams(location.search).get("appearance") ?? "";
  let lookProblem = begin.appearance ?? ""; // why it is not used
  let lookTimer = 0, initialized = false;
  function setLook(wanted) {
    if (typeof wanted !== "string" || wanted === look) return;
    look = wanted;
    clearTimeout(lookTimer);
    loadLook();
  }

  async function loadLook() {
    const wanted = look;
    let answer;
    try {
      const response = await fetch(`${root.dataset.base ?? ""}/embed/appearance?appearance=${encodeURIComponent(wanted)}`, { credentials: "omit" });
      if (response.status >= 500) throw new Error();
      answer = response.ok ? await response.json() : { style: "", problem: "The server refuses the appearance." };
    } catch {
      if (look !== wanted) return;
      if (initialized) report("offline", unreachable);
      lookTimer = setTimeout(loadLook, minBackoff);
      return;
    }
    if (look !== wanted) return; // there is a later one
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(answer.style);
    document.getElementById("look")?.remove(); // that of the address
    document.adoptedStyleSheets = [sheet];
    lookProblem = answer.problem;
    if (initialized) reportLook();
  }

  // reportLook tells the site why its look is not used. An error before the page has started
  // would mean that it does not start.
  function reportLook() {
    if (lookProblem) send("error", { code: "appearance", message: lookProblem });
  }

  // The site says how much of the frame is out of sight above and below, so that dialogs
  // are where the person looks. If less than a small dialog is in sight, they use all of it.
  const minVisible = 320;
  function setVisible({ top, bottom }) {
    const fits = top >= 0 && bottom >= 0 && innerHeight - top - bottom >= minVisible;
    for (const [name, size] of Object.entries({ "--hidden-top": top, "--hidden-bottom": bottom })) {
      if (fits) root.style.setProperty(name, `${size}px`);
      else root.style.removeProperty(name);
    }
  }

  // The height of the frame, Escape, and links, which must not add to its history.

  let height = 0;
  function measure() {
    const minHeight = document.querySelector("dialog[open]") ? 720 : 0; // room for an overlay
    const now = Math.max(Math.ceil(document.body.getBoundingClientRect().height), minHeight);
    if (now !== height && port) send("resize", { height: (height = now) });
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || link.target) return;
    event.preventDefault();
    const to = link.getAttribute("href");
    if (to.startsWith("#")) document.getElementById(to.slice(1))?.focus();
  }, true);

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing || document.querySelector("dialog[open]")) return;
    const back = document.getElementById("back"); // of a credential's details
    const { type, value } = event.target;
    if (type === "search" && value) { // not all browsers clear it
      event.preventDefault();
      event.target.value = "";
      event.target.dispatchEvent(new Event("input", { bubbles: true }));
    } else if (back) back.click();
    else send("close", { reason: "escape" });
  }, true);

  // When the frame is resized, the focused element of an overlay stays visible.
  addEventListener("resize", () => {
    if (document.activeElement?.closest("dialog[open]")) document.activeElement.scrollIntoView({ block: "nearest" });
  });

  addEventListener("DOMContentLoaded", () => {
    new ResizeObserver(measure).observe(document.body);
    new MutationObserver(measure).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["open"] });
    begun.then(() => requestAnimationFrame(measure), () => {});
  });

  const connectTimer = setTimeout(() => showFailure("embedSilent"), responseTimeout);
  if (window.parent === window) {
    clearTimeout(connectTimer);
    showFailure("embedAlone");
  } else if (self.origin === "null") {
    clearTimeout(connectTimer);
    ready("sandbox");
    showFailure("embedSandbox");
  } else if (ancestors.some((origin) => origin !== "null" && !origins.includes(origin))) {
    clearTimeout(connectTimer);
    showFailure("embedOrigin");
  } else {
    addEventListener("message", connect);
    ready();
  }
})();
