// A form as any React program would write it: it loads a list, lets a person choose or add,
// and tells the page around it. `make bench` compares how soon it and our frame can be used.
import { useEffect, useState } from "react";
import { createRoot } from "react-dom/client";

function Form() {
  const [credentials, setCredentials] = useState(null);
  const [search, setSearch] = useState("");
  const [chosen, choose] = useState("");
  const [adding, add] = useState(false);
  useEffect(() => {
    fetch("/credentials.json").then((response) => response.json()).then(setCredentials);
  }, []);
  useEffect(() => {
    if (credentials) window.parent.postMessage("usable", "*");
  }, [credentials]);
  if (!credentials) return <p role="status">Loading…</p>;
  const shown = credentials.filter(({ name }) => name.toLowerCase().includes(search.toLowerCase()));
  return (
    <form onSubmit={(event) => { event.preventDefault(); window.parent.postMessage(chosen, "*"); }}>
      <input type="search" aria-label="Search" value={search} onChange={(event) => setSearch(event.target.value)} />
      <button type="button" onClick={() => add(true)}>Add Credential</button>
      {shown.map(({ id, name, state }) => (
        <label key={id}><input type="radio" name="credential" checked={chosen === id} onChange={() => choose(id)} /> {name} <small>{state}</small></label>
      ))}
      {adding && ["Name", "Client ID", "Client Secret", "Subscription Key", "Legal Entity ID"].map((label) => <label key={label}>{label} <input required /></label>)}
      <button>Continue</button>
    </form>
  );
}

createRoot(document.getElementById("root")).render(<Form />);
