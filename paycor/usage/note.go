package usage

// Note is what the headers of an answer from Paycor reveal beyond its status. The
// answer is forwarded unchanged with the note in its header Paycorcred-Note.
type Note string

// The notes.
const (
	NoteToken        Note = "upstream_token"        // 401: Paycor rejected the access token
	NoteKey          Note = "upstream_key"          // 401: Paycor's gateway rejected the APIM Subscription Key
	NoteUnauthorized Note = "upstream_unauthorized" // 401: one of the two; Paycor does not say which
	NoteQuota        Note = "upstream_quota"        // 403: the APIM Subscription Key has used up its quota of calls
	NotePage         Note = "upstream_page"         // a web page instead of JSON or a file
	NoteRedirect     Note = "upstream_elsewhere"    // a redirect away from Paycor's API
)
