const { credentials, host } = document.documentElement.dataset;
const { mount, pick } = await import(`${credentials}/embed/sdk.js`);

const byId = (id) => document.getElementById(id);
const say = (what, detail) => {
  const line = document.createElement("li");
  line.textContent = `${what} ${JSON.stringify(detail ?? {})}`;
  byId("said").append(line);
};

const options = {
  hostId: host,
  async getToken() {
    const response = await fetch("/token", { method: "POST" });
    if (!response.ok) throw new Error("The backend returned no token.");
    return response.text();
  },
  onCreated: (detail) => say("created", detail),
  onUpdated: (detail) => say("updated", detail),
  onDeleted: (detail) => say("deleted", detail),
  onVerified: (detail) => say("verified", detail),
  onDirty: (detail) => say("dirty", detail),
  onClose: () => say("close"),
  onError: (error) => say("error", { code: error.code, message: error.message }),
};

const chose = (chosen) => {
  byId("chosen").textContent = chosen ? `${chosen.name} (${chosen.id})` : "none";
  say("selected", chosen);
};

let mounted = null;
byId("pick").addEventListener("click", () => pick(options).then(chose, () => {}));
byId("mount").addEventListener("click", () => {
  mounted?.destroy();
  mounted = mount(byId("place"), { ...options, onReady: (detail) => say("ready", detail), onSelect: chose });
});
byId("destroy").addEventListener("click", () => {
  mounted?.destroy();
  mounted = null;
});
document.documentElement.dataset.loaded = "";
