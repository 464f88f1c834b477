// What an embedded page needs before its program has come: the handshake with
// the host around the frame, the trade of the host's token for a session, and
// the session's handle, which never leaves this closure but as a header of our
// own requests. Protocol "paycor-credentials", version 1. Plain script, no
// dependency, and nothing that a strict policy with Trusted Types forbids.
(() => {
  "use strict";
  const root = document.documentElement;
  const { host, origins } = JSON.parse(document.getElementById("start").textContent).embed;

  const source = "paycor-credentials";
  const version = 1;
  const largest = 16384; // bytes of one message, as JSON
  const fastest = 50; // messages a second that are looked at
  const flood = 500; // messages a second at which the port is closed
  const impatient = 15000; // ms until it is said that the host does not answer
  const early = 60; // seconds before its end that a session is renewed
  const again = 4000, longest = 60000; // ms until a renewal that failed is tried again, twice as long each time
  const final = ["host_unknown", "frame_origin", "caller_changed"]; // what no other token mends
  const unreachable = "The server of the credentials does not answer. The frame goes on by itself once it does.";

  // The origins around the frame, from the parent outwards, where the browser
  // reveals them. Firefox masks an ancestor as "null" if its frame sends no
  // referrer. A masked one is unknown, not foreign: frame-ancestors has kept
  // every foreign page out before this script runs.
  const around = [...(location.ancestorOrigins ?? [])];
  const parentKnown = around.length > 0 && around[0] !== "null";
  const nonce = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  let port = null;
  let handle = ""; // of the session: in memory, here, and nowhere else
  let caller = ""; // whom the session is for
  let renewal = 0; // the timer
  let asked = null; // the token that was asked for: {promise, resolve, reject}
  let renewing = null;
  let misses = 0, notBefore = 0; // renewals that failed one after another, and when the next is due
  let complaint = ""; // the code that the host was told last, until all is well again
  let over = false; // this site, or this person, is let in no more
  let take = null; // the program's ear
  let waiting = []; // what came before the program had one
  let count = 0, second = 0; // messages of this second
  let sent = 0;

  let begin, stop;
  const begun = new Promise((resolve, reject) => { begin = resolve; stop = reject; });
  begun.catch(() => {});

  const embed = { begun, failed: "", popups: false, fetch: ask, send, receive };
  Object.defineProperty(window, "paycorEmbed", { value: Object.freeze({ ...embed, failure: () => embed.failed }) });

  // Words, for the person in front of the frame and for the host.

  function fail(kind, code, message) {
    embed.failed = kind;
    const show = () => window.paycorBoot?.trouble(kind);
    if (document.readyState === "complete") show();
    else addEventListener("load", show);
    if (code) send("error", { code, message });
  }

  // complain tells the host of what comes and goes, once while it lasts.
  function complain(code, message) {
    if (code !== complaint) send("error", { code: (complaint = code), message });
  }

  function sound(message) {
    if (typeof message !== "object" || message === null || message.source !== source || message.v !== version) return false;
    if (typeof message.type !== "string" || typeof message.payload !== "object" || message.payload === null) return false;
    try {
      return new TextEncoder().encode(JSON.stringify(message)).length <= largest;
    } catch {
      return false; // it holds what is no JSON
    }
  }

  function send(type, payload = {}) {
    if (!port || (over && type.startsWith("credential."))) return;
    const message = { source, v: version, id: `f${++sent}`, type, payload };
    if (sound(message)) port.postMessage(message);
  }

  // The handshake.

  function ready(trouble) {
    const payload = trouble ? { nonce, trouble } : { nonce };
    // Where the browser reveals the parent, only that origin is spoken to:
    // the others could not hear it, and each would be an error in the console.
    for (const origin of parentKnown ? [around[0]].filter((one) => origins.includes(one)) : origins) {
      window.parent.postMessage({ source, v: version, id: "f0", type: "ready", payload }, origin);
    }
  }

  function meet(event) {
    if (port || event.source !== window.parent || !origins.includes(event.origin)) return;
    if (parentKnown && event.origin !== around[0]) return;
    const message = event.data;
    if (!sound(message) || message.type !== "init" || message.payload.nonce !== nonce) return;
    if (event.ports.length !== 1 || typeof message.payload.token !== "string") return;
    removeEventListener("message", meet); // a second init finds nobody
    clearTimeout(patience);
    port = event.ports[0];
    port.onmessage = hear;
    embed.failed = "";
    dress(message.payload.theme);
    trade(message.payload.token, event.origin).then((start) => {
      start.embed.popups = message.payload.popups === true;
      if (message.payload.purpose === "destination") start.purpose = "destination";
      begin(JSON.stringify(start));
    }, (error) => {
      fail("embedRefused", error.code, error.message);
      stop(error);
    });
    parentOrigin = event.origin;
  }

  let parentOrigin = "";

  // trade gives a token for a session.
  async function trade(token, origin) {
    let response, answer;
    try {
      response = await fetch("/embed/exchange", {
        method: "POST", credentials: "omit", cache: "no-store", redirect: "error",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify({ host, token, origin }),
      });
      answer = await response.json();
    } catch {
      throw Object.assign(new Error(unreachable), { code: "offline" });
    }
    if (!response.ok) throw Object.assign(new Error(answer.detail ?? "The token was refused."), { code: answer.code ?? "refused" });
    if (caller && caller !== answer.start.caller.id) {
      throw Object.assign(new Error("The new token is for somebody else. Mount the frame anew when another person signs in."), { code: "caller_changed" });
    }
    caller = answer.start.caller.id;
    handle = answer.session;
    misses = notBefore = 0;
    complaint = "";
    renewIn(Math.max(1, answer.expires_in - early) * 1000);
    return answer.start;
  }

  function renewIn(wait) {
    clearTimeout(renewal);
    renewal = setTimeout(() => renew().catch(() => {}), wait);
  }

  // renew asks the host for another token, once for all who need it.
  function renew() {
    renewing ??= (async () => {
      try {
        asked = Promise.withResolvers?.() ?? deferred();
        send("token_request");
        const late = setTimeout(() => asked?.reject(Object.assign(new Error("The host gave no new token."), { code: "no_token" })), impatient);
        const token = await asked.promise.finally(() => clearTimeout(late));
        await trade(token, parentOrigin);
      } catch (error) {
        complain(error.code ?? "no_token", error.message);
        if (final.includes(error.code)) {
          over = true;
          handle = "";
          pass("ended", {});
        } else {
          const wait = Math.min(longest, again * 2 ** misses++);
          notBefore = Date.now() + wait;
          renewIn(wait);
        }
        throw error;
      } finally {
        asked = renewing = null;
      }
    })();
    return renewing;
  }

  function deferred() {
    const made = {};
    made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
    return made;
  }

  // ask sends a request of the program's in the session's name. One that the
  // server does not know the session of has done nothing, so it is sent again.
  async function ask(path, options) {
    const go = async () => {
      try {
        const response = await fetch(path, { ...options, credentials: "omit", headers: { ...options.headers, Authorization: `Bearer ${handle}` } });
        if (complaint === "offline") complaint = "";
        return response;
      } catch (error) {
        if (error.name !== "AbortError") complain("offline", unreachable);
        throw error;
      }
    };
    const response = await go();
    if (response.status !== 401) return response;
    // What listens all the time waits for its turn; what somebody pressed does not.
    if (over || (path.endsWith("/events") && Date.now() < notBefore)) return response;
    try {
      await renew();
    } catch (error) {
      if (error.code === "offline") throw error;
      return response;
    }
    return go();
  }

  addEventListener("online", () => { if (misses) renewIn(0); });

  // What the host says afterwards.

  function hear(event) {
    const now = Math.floor(performance.now() / 1000);
    if (now !== second) [second, count] = [now, 0];
    if (++count > flood) {
      send("error", { code: "flood", message: "More messages came than any host needs, so no more are taken." });
      port.close();
      port = null;
      return;
    }
    const message = event.data;
    if (count > fastest || !sound(message)) return;
    const { type, payload } = message;
    switch (type) {
      case "token":
        if (typeof payload.token === "string") asked?.resolve(payload.token);
        else asked?.reject(Object.assign(new Error("The host gave no new token."), { code: "no_token" }));
        break;
      case "theme":
        dress(payload.theme);
        break;
      case "locale":
        window.paycorBoot?.speak(payload.locale).then((tag) => pass("locale", { id: tag }), () => {}); // unknown: the language stays
        break;
      case "open": case "select": case "focus": case "close":
        pass(type, payload);
        break;
    }
  }

  // pass tells the program, once it listens.
  function pass(type, payload) {
    if (take) take(type, typeof payload.id === "string" ? payload.id : "", typeof payload.view === "string" ? payload.view : "");
    else waiting.push([type, payload]);
  }

  function receive(ear) {
    take = ear;
    for (const [type, payload] of waiting.splice(0)) pass(type, payload);
  }

  function dress(theme) {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
  }

  // The frame around: its height, the way out, and no step in its history.

  let height = 0;
  function measure() {
    const least = document.querySelector("dialog[open]") ? 720 : 0; // an overlay needs room
    const now = Math.max(Math.ceil(document.body.getBoundingClientRect().height), least);
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
    const back = document.getElementById("back"); // from a credential's details first
    if (back) back.click();
    else send("close");
  }, true);

  // What has the focus in an overlay stays in sight when the frame has another
  // size.
  addEventListener("resize", () => {
    if (document.activeElement?.closest("dialog[open]")) document.activeElement.scrollIntoView({ block: "nearest" });
  });

  addEventListener("DOMContentLoaded", () => {
    new ResizeObserver(measure).observe(document.body);
    new MutationObserver(measure).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["open"] });
    begun.then(() => requestAnimationFrame(measure), () => {});
  });

  const patience = setTimeout(() => fail("embedSilent"), impatient);
  if (window.parent === window) {
    clearTimeout(patience);
    fail("embedAlone");
  } else if (self.origin === "null") {
    clearTimeout(patience);
    ready("sandbox");
    fail("embedSandbox");
  } else if (around.some((origin) => origin !== "null" && !origins.includes(origin))) {
    clearTimeout(patience);
    fail("embedOrigin");
  } else {
    addEventListener("message", meet);
    ready();
  }
})();
