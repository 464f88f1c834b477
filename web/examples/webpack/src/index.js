import { pick } from "@paycorcred/embed";
import "@paycorcred/embed/element";

const { credentials: server, host: hostId } = document.documentElement.dataset;

async function getToken() {
  const response = await fetch("/token", { method: "POST" });
  if (!response.ok) throw new Error("The backend returned no token.");
  return response.text();
}

function button(text, onclick) {
  return Object.assign(document.createElement("button"), { textContent: text, onclick });
}

const heading = Object.assign(document.createElement("h1"), { textContent: "A console with webpack" });
const show = (...content) => document.getElementById("root").replaceChildren(heading, ...content);
const showError = (error) => show(error.message, " ", button("Try again", showCredentials));
const showChosen = (chosen) => show(`Chosen: ${chosen.name} (${chosen.id}) `, button("Choose another", () => {
  pick({ server, hostId, getToken }).then((other) => showChosen(other ?? chosen), showError);
}));

function showCredentials() {
  const credentials = document.createElement("paycor-credentials");
  credentials.setAttribute("server", server);
  credentials.setAttribute("host-id", hostId);
  credentials.getToken = getToken;
  credentials.addEventListener("select", ({ detail }) => showChosen(detail));
  credentials.addEventListener("error", ({ detail }) => showError(detail));
  show(credentials);
}

showCredentials();
