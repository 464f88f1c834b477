import { mount } from "./sdk.js";

const events = ["ready", "select", "created", "updated", "deleted", "verified", "dirty", "close", "error"];
const attributes = { "host-id": "hostId", "credential-id": "credentialId", server: "server", purpose: "purpose", view: "view", title: "title" };

// While a page is rendered on a server, there are no elements.
const Base = globalThis.HTMLElement ?? class {};

/**
 * The element <paycor-credentials server host-id>. Set its property getToken before it is
 * connected, or the page is shown once it is set. The property appearance is optional, and changes the frame that is there. Its events bubble; detail has what the
 * callbacks of mount() get.
 */
export class PaycorCredentials extends Base {
  static observedAttributes = [...Object.keys(attributes), "theme", "locale"];
  #mounted;
  #getToken;
  #appearance;
  #due = false;

  get getToken() { return this.#getToken; }
  set getToken(value) { this.#getToken = value; this.#showSoon(); }

  get appearance() { return this.#appearance; }
  set appearance(value) {
    this.#appearance = value;
    this.#mounted?.update({ appearance: value });
  }

  connectedCallback() {
    for (const name of ["getToken", "appearance"]) {
      if (!Object.hasOwn(this, name)) continue;
      const early = this[name]; // set before this class was known
      delete this[name];
      this[name] = early;
    }
    this.#showSoon();
  }
  disconnectedCallback() { this.#remove(); }
  attributeChangedCallback(name, before, now) {
    if (before === now || !this.isConnected) return;
    if (name === "theme" || name === "locale") this.#mounted?.update({ [name]: now ?? undefined });
    else this.#showSoon();
  }

  open(...what) { this.#mounted?.open(...what); }
  select(id) { this.#mounted?.select(id); }
  focus() { this.#mounted?.focus(); }

  #remove() {
    this.#mounted?.destroy();
    this.#mounted = undefined;
  }
  // Several attributes that change at once mount the page once.
  #showSoon() {
    if (this.#due) return;
    this.#due = true;
    queueMicrotask(() => {
      this.#due = false;
      this.#remove();
      if (this.isConnected && this.#getToken && this.hasAttribute("server") && this.hasAttribute("host-id")) this.#show();
    });
  }
  #show() {
    const options = { getToken: () => this.#getToken(), appearance: this.#appearance, popups: this.hasAttribute("popups") };
    for (const [attribute, option] of Object.entries({ ...attributes, theme: "theme", locale: "locale" })) {
      if (this.hasAttribute(attribute)) options[option] = this.getAttribute(attribute);
    }
    for (const name of events) {
      options[`on${name[0].toUpperCase()}${name.slice(1)}`] = (detail) => this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
    }
    this.#mounted = mount(this, options);
  }
}

globalThis.customElements?.get("paycor-credentials") ?? globalThis.customElements?.define("paycor-credentials", PaycorCredentials);
