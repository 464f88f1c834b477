import { Credentials } from "@paycorcred/embed/vue";
import { createApp, h, ref } from "vue";

const { credentials, host } = document.documentElement.dataset;

async function getToken() {
  const response = await fetch("/token", { method: "POST" });
  if (!response.ok) throw new Error("The backend returned no token.");
  return response.text();
}

createApp({
  setup() {
    const shown = ref(false), theme = ref("auto"), compact = ref(false), chosen = ref(null), error = ref(null);
    return () => h("main", [
      h("h1", "A console in Vue"),
      h("p", [
        h("button", { onClick: () => { shown.value = !shown.value; } }, shown.value ? "Hide the credentials" : "Show the credentials"),
        h("label", [" Theme ", h("select", { value: theme.value, onChange: (event) => { theme.value = event.target.value; } },
          ["auto", "light", "dark"].map((name) => h("option", name)))]),
        h("label", [h("input", { type: "checkbox", checked: compact.value, onChange: (event) => { compact.value = event.target.checked; } }), " Compact"]),
      ]),
      h("p", { role: "status" }, chosen.value ? `Chosen: ${chosen.value.name} (${chosen.value.id})` : "Nothing is chosen."),
      error.value && h("p", { role: "alert" }, error.value.message),
      shown.value && h(Credentials, {
        server: credentials, hostId: host, getToken, theme: theme.value, appearance: { density: compact.value ? "compact" : "comfortable" },
        onSelect: (one) => { chosen.value = one; }, onClose: () => { shown.value = false; }, onError: (one) => { error.value = one; },
      }),
    ]);
  },
}).mount("#root");
