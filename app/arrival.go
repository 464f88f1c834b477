package app

// What a page says of what was done on the one before. The address carries
// only that something was done, and keeps it no longer than it takes to say it.
const (
	queryDeleted = "deleted"
	queryCopied  = "copied"
)

// showArrivalStatus says what was done on the page before.
func (p *Page) showArrivalStatus() {
	switch {
	case p.document.Take(queryDeleted) && p.list != nil:
		p.setStatus(say("deleted"), nil)
	case p.document.Take(queryCopied) && p.detail != nil && !p.detail.deleted:
		p.setStatus(say("copied.here", p.detail.credential.Name), nil)
	}
}
