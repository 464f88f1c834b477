package authz_test

// request is a valid request for a route. In path and body, ID stands for the id
// of a credential, and OWN for the id of a session of the caller.
type request struct {
	path, body string
	status     int    // for authorized callers; 0 means 200
	name       string // of a variant
}

// variants are further requests for a route, whose parameters do more.
var variants = map[string][]request{
	"PATCH /api/v1/credentials/{id}": {
		{name: "by force", path: "/api/v1/credentials/ID?force=true", body: `{"client_secret":"Canary/Of+The/Matrix/Forced/000000000000000000"}`},
		{name: "without a test", path: "/api/v1/credentials/ID?verify=false&force=true", body: `{"client_secret":"Canary/Of+The/Matrix/Forced/000000000000000000"}`},
	},
}

// requests has a request for every route.
var requests = map[string]request{
	"GET /api/v1/credentials":                                 {path: "/api/v1/credentials"},
	"GET /api/v1/credentials/counts":                          {path: "/api/v1/credentials/counts"},
	"POST /api/v1/credentials":                                {path: "/api/v1/credentials", body: draftJSON, status: 201},
	"GET /api/v1/credentials/{id}":                            {path: "/api/v1/credentials/ID"},
	"PATCH /api/v1/credentials/{id}":                          {path: "/api/v1/credentials/ID", body: `{"name":"Changed"}`},
	"DELETE /api/v1/credentials/{id}":                         {path: "/api/v1/credentials/ID", status: 204},
	"POST /api/v1/credentials/{id}/verify":                    {path: "/api/v1/credentials/ID/verify"},
	"POST /api/v1/credentials/{id}/test-call":                 {path: "/api/v1/credentials/ID/test-call", body: `{"target":"/v1/legalentities/501124"}`, status: 502}, // there are no tokens
	"POST /api/v1/credentials/{id}/activation":                {path: "/api/v1/credentials/ID/activation"},
	"POST /api/v1/credentials/{id}/activation/code":           {path: "/api/v1/credentials/ID/activation/code", body: `{"refresh_token":"t"}`, status: 503},
	"GET /api/v1/credentials/{id}/activation/links":           {path: "/api/v1/credentials/ID/activation/links"},
	"POST /api/v1/credentials/{id}/activation/links":          {path: "/api/v1/credentials/ID/activation/links", status: 201},
	"DELETE /api/v1/credentials/{id}/activation/links/{link}": {path: "/api/v1/credentials/ID/activation/links/none", status: 404},
	"GET /api/v1/credentials/{id}/history":                    {path: "/api/v1/credentials/ID/history"},
	"GET /api/v1/credentials/{id}/usage":                      {path: "/api/v1/credentials/ID/usage"},
	"POST /api/v1/credentials/{id}/rotation":                  {path: "/api/v1/credentials/ID/rotation", body: `{"client_secret":"Canary/Of+The/Matrix/Rotated/00000000000000000"}`},
	"DELETE /api/v1/credentials/{id}/rotation":                {path: "/api/v1/credentials/ID/rotation"},
	"POST /api/v1/credentials/{id}/rotation/back":             {path: "/api/v1/credentials/ID/rotation/back", status: 409},
	"GET /api/v1/applications":                                {path: "/api/v1/applications"},
	"GET /api/v1/applications/{id}":                           {path: "/api/v1/applications/app_none", status: 404},
	"GET /api/v1/applications/{id}/usage":                     {path: "/api/v1/applications/app_none/usage", status: 404},
	"POST /api/v1/duplicates":                                 {path: "/api/v1/duplicates", body: `{"name":"Any"}`},
	"GET /api/v1/credentials/{id}/paycor/{path...}":           {path: "/api/v1/credentials/ID/%70aycor/v1", status: 400}, // malformed calls
	"POST /api/v1/credentials/{id}/paycor/{path...}":          {path: "/api/v1/credentials/ID/%70aycor/v1", status: 400}, // malformed calls
	"PUT /api/v1/credentials/{id}/paycor/{path...}":           {path: "/api/v1/credentials/ID/%70aycor/v1", status: 400}, // malformed calls
	"PATCH /api/v1/credentials/{id}/paycor/{path...}":         {path: "/api/v1/credentials/ID/%70aycor/v1", status: 400}, // malformed calls
	"DELETE /api/v1/credentials/{id}/paycor/{path...}":        {path: "/api/v1/credentials/ID/%70aycor/v1", status: 400}, // malformed calls
	"GET /api/v1/doctor":                                      {path: "/api/v1/doctor"},
	"GET /api/v1/hosts":                                       {path: "/api/v1/hosts"},
	"POST /api/v1/hosts":                                      {path: "/api/v1/hosts", body: `{"name":"Of the matrix","origins":["https://site.example"],"rights":["admin"],"keys_url":"https://site.example/keys"}`, status: 201},
	"PATCH /api/v1/hosts/{id}":                                {path: "/api/v1/hosts/host-none", body: `{"name":"Changed"}`, status: 404},
	"GET /api/v1/channels":                                    {path: "/api/v1/channels"},
	"POST /api/v1/channels":                                   {path: "/api/v1/channels", body: `{"name":"Of the matrix","address":"","kinds":["credential.broke"]}`, status: 422},
	"PATCH /api/v1/channels/{id}":                             {path: "/api/v1/channels/channel_none", body: `{"name":"Changed"}`, status: 404},
	"DELETE /api/v1/channels/{id}":                            {path: "/api/v1/channels/channel_none", status: 404},
	"POST /api/v1/channels/{id}/secret":                       {path: "/api/v1/channels/channel_none/secret", status: 404},
	"POST /api/v1/channels/{id}/test":                         {path: "/api/v1/channels/channel_none/test", status: 404},
	"GET /api/v1/channels/{id}/deliveries":                    {path: "/api/v1/channels/channel_none/deliveries", status: 404},
	"POST /api/v1/channels/{id}/deliveries/{delivery}/replay": {path: "/api/v1/channels/channel_none/deliveries/msg_none/replay", status: 404},
	"DELETE /api/v1/hosts/{id}":                               {path: "/api/v1/hosts/host-none", status: 404},
	"GET /api/v1/audit":                                       {path: "/api/v1/audit"},
	"GET /api/v1/audit/export":                                {path: "/api/v1/audit/export"},
	"GET /audit":                                              {path: "/audit"},
	"GET /api/v1/tokens":                                      {path: "/api/v1/tokens"},
	"POST /api/v1/tokens":                                     {path: "/api/v1/tokens", body: `{"name":"Of the matrix","rights":["admin"]}`, status: 201},
	"DELETE /api/v1/tokens/{id}":                              {path: "/api/v1/tokens/token_none", status: 404},
	"POST /api/v1/verify":                                     {path: "/api/v1/verify", body: `{"id":"ID"}`},
	"POST /api/v1/verify/counterpart":                         {path: "/api/v1/verify/counterpart", body: `{"id":"ID"}`, status: 409},
	"GET /api/v1/environments":                                {path: "/api/v1/environments"},
	"GET /api/v1/events":                                      {path: "/api/v1/events"},
	"GET /api/v1/openapi.yaml":                                {path: "/api/v1/openapi.yaml"},

	"PUT /api/v1/credentials/{id}/sharing": {path: "/api/v1/credentials/ID/sharing", body: `{"restricted":false}`},
	"GET /api/v1/session":                  {path: "/api/v1/session"},
	"POST /api/v1/session":                 {path: "/api/v1/session"},
	"GET /api/v1/sessions":                 {path: "/api/v1/sessions"},
	"GET /api/v1/sessions/all":             {path: "/api/v1/sessions/all"},
	"DELETE /api/v1/sessions/{id}":         {path: "/api/v1/sessions/OWN", status: 204},

	"GET /{$}":                       {path: "/"},
	"GET /credentials/{id}":          {path: "/credentials/ID"},
	"GET /applications/{id}":         {path: "/applications/app_none", status: 404},
	"GET /consumers":                 {path: "/consumers"},
	"GET /hosts":                     {path: "/hosts"},
	"GET /notifications":             {path: "/notifications"},
	"GET /sign-ins":                  {path: "/sign-ins"},
	"GET /system":                    {path: "/system"},
	"GET /activation/links/{code}":   {path: "/activation/links/none", status: 404},
	"POST /activation/links/{code}":  {path: "/activation/links/none", status: 404},
	"GET /activation/callback":       {path: "/activation/callback?state=s&again=1"},
	"GET /activation/start/{handle}": {path: "/activation/start/none", status: 410},
	"GET /embed":                     {path: "/embed?host=none", status: 404},
	"POST /api/v1/embed/sessions":    {path: "/api/v1/embed/sessions", body: `{"host":"none","subject":"ann","rights":["view"]}`, status: 404},
	"GET /embed/appearance":          {path: "/embed/appearance?appearance={}"},
	"POST /embed/exchange":           {path: "/embed/exchange", body: `{"host":"none","token":"t","origin":"https://host.example"}`, status: 404},
	"GET /embed/doctor":              {path: "/embed/doctor"},
	"POST /embed/doctor":             {path: "/embed/doctor", body: "{}"},
	"GET /embed/sdk.js":              {path: "/embed/sdk.js"},
	"GET /embed/v1/sdk.js":           {path: "/embed/v1/sdk.js"},
	"GET /embed/sdk.d.ts":            {path: "/embed/sdk.d.ts"},
	"GET /sign-in":                   {path: "/sign-in"},
	"GET /sign-in/start":             {path: "/sign-in/start", status: 404}, // no provider is configured
	"GET /sign-in/callback":          {path: "/sign-in/callback", status: 404},
	"POST /sign-out/back-channel":    {path: "/sign-out/back-channel", status: 404},
	"POST /sign-out":                 {path: "/sign-out", status: 303},

	"GET /assets/{set}/{name...}": {path: "/assets/0123456789abcdef/none", status: 404},
	"GET /docs":                   {path: "/docs"},
	"GET /docs/{page}":            {path: "/docs/none", status: 404},
	"GET /favicon.ico":            {path: "/favicon.ico"},
	"GET /robots.txt":             {path: "/robots.txt"},
	"GET /healthz":                {path: "/healthz"},
	"GET /readyz":                 {path: "/readyz"},
	"GET /metrics":                {path: "/metrics"},
}
