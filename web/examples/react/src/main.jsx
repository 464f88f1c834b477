import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";
import { Credentials } from "@paycorcred/embed/react";

const { credentials, host } = document.documentElement.dataset;

async function getToken() {
  const response = await fetch("/token", { method: "POST" });
  if (!response.ok) throw new Error("The backend returned no token.");
  return response.text();
}

function Console() {
  const [shown, show] = useState(false);
  const [theme, setTheme] = useState("auto");
  const [compact, setCompact] = useState(false);
  const [chosen, choose] = useState(null);
  const [error, fail] = useState(null);
  return (
    <main>
      <h1>A console in React</h1>
      <p>
        <button onClick={() => show(!shown)}>{shown ? "Hide the credentials" : "Show the credentials"}</button>{" "}
        <label>
          Theme <select value={theme} onChange={(event) => setTheme(event.target.value)}>
            <option>auto</option><option>light</option><option>dark</option>
          </select>
        </label>{" "}
        <label><input type="checkbox" checked={compact} onChange={(event) => setCompact(event.target.checked)} /> Compact</label>
      </p>
      <p role="status">{chosen ? `Chosen: ${chosen.name} (${chosen.id})` : "Nothing is chosen."}</p>
      {error && <p role="alert">{error.message}</p>}
      {shown && <Credentials server={credentials} hostId={host} getToken={getToken} theme={theme} appearance={{ density: compact ? "compact" : "comfortable" }} onSelect={choose} onClose={() => show(false)} onError={fail} />}
    </main>
  );
}

createRoot(document.getElementById("root")).render(<StrictMode><Console /></StrictMode>);
