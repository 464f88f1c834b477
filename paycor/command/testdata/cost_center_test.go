package command_test

import (
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

// TestCostCenter is compiled into a program with one more field, cost_center, by
// TestNewFieldTakesFiveFiles.
func TestCostCenter(t *testing.T) {
	simulator := paycortest.Start(t, paycortest.Config{})
	details := simulator.Lookup(paycortest.SunriseBakery).Details()
	flag := "test=" + simulator.URL
	p := serve(t, filepath.Join(t.TempDir(), "data"), "--environment", flag)
	draft := map[string]any{
		"name": details.Name, "environment": "test", "client_id": details.ClientID, "client_secret": details.ClientSecret,
		"subscription_key": details.PrimaryKey, "legal_entity_id": details.Entities[0].ID, "cost_center": " 4711 North ",
	}
	path := "/api/v1/credentials/" + p.idIn(p.ask(201, "POST", "/api/v1/credentials", draft))
	assert.Contains(t, p.ask(200, "GET", path, nil), `"cost_center":"4711 North"`)
	p.ask(200, "PATCH", path, map[string]any{"cost_center": "4712 South"})
	p.stop()
	p = serve(t, p.data, "--environment", flag)
	stored := p.ask(200, "GET", path, nil)
	assert.Contains(t, stored, `"cost_center":"4712 South"`)
	assert.Contains(t, stored, `"state":"verified"`, "Paycor doesn’t verify it")
	assert.Contains(t, p.ask(200, "GET", path+"/history", nil), `"cost_center"`)

	for reason, value := range map[string]string{
		"too_long": strings.Repeat("x", 61), "same_value": details.ClientSecret, "invisible_characters": "47\n11",
	} {
		wrong := maps.Clone(draft)
		wrong["cost_center"] = value
		assert.Contains(t, p.ask(422, "POST", "/api/v1/credentials", wrong), `"field":"cost_center","code":"`+reason+`"`)
	}
	description := p.ask(200, "GET", "/api/v1/openapi.yaml", nil)
	assert.Equal(t, 4, strings.Count(description, `cost_center: {"description":"Cost Center","maxLength":60,"type":`), "in each request")
	assert.Contains(t, description, `cost_center: {"description":"Cost Center","type":"string"}`, "in the credential")

	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	browser := &http.Client{Jar: jar}
	read := func(address, language string) string {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
		require.NoError(t, err)
		request.Header.Set("Accept-Language", language)
		response, err := browser.Do(request)
		require.NoError(t, err)
		defer response.Body.Close()
		html, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return string(html)
	}
	english := read(link.FindString(p.output.String()), "en")
	assert.Contains(t, english, `id="field-cost_center"`)
	assert.Contains(t, english, ">Cost Center</label>")
	assert.Contains(t, english, "Who pays for it.")
	spanish := read(p.address+"/", "es")
	assert.Contains(t, spanish, ">Centro de costos</label>")
	assert.Contains(t, spanish, "Quién lo paga.")
	detail := read(p.address+"/credentials/"+path[strings.LastIndexByte(path, '/')+1:], "es")
	assert.Contains(t, detail, "4712 South")
	p.stop()
}
