package usage

// Note is what the headers of an answer of Paycor's tell beyond its status. The
// answer carries it in its header Paycorcred-Note, which no answer of Paycor's
// can have by itself; its status and body stay as they are.
type Note string

// What an answer can be noted as.
const (
	NoteToken        Note = "upstream_token"        // 401: Paycor refused the credential's access token
	NoteKey          Note = "upstream_key"          // 401: Paycor's gateway refused the credential's APIM Subscription Key
	NoteUnauthorized Note = "upstream_unauthorized" // 401: one of the two, and Paycor does not say which
	NoteQuota        Note = "upstream_quota"        // 403: the APIM Subscription Key has used up its quota of calls
	NotePage         Note = "upstream_page"         // a web page, where Paycor's API answers with JSON or a file
	NoteElsewhere    Note = "upstream_elsewhere"    // a redirect to another place than Paycor's API
)

// Notes returns every note.
func Notes() []Note {
	return []Note{NoteToken, NoteKey, NoteUnauthorized, NoteQuota, NotePage, NoteElsewhere}
}
