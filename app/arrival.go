package app

// Parameters of an address that say what was done on the previous page. They are
// removed from the address as soon as the status says it.
const (
	queryDeleted = "deleted"
	queryCopied  = "copied"
)

// showArrivalStatus says what was done on the previous page.
func (p *Page) showArrivalStatus() {
	switch {
	case p.document.Take(queryDeleted) && p.list != nil:
		p.setStatus(say("deleted"), nil)
	case p.document.Take(queryCopied) && p.detail != nil && !p.detail.deleted:
		p.setStatus(say("copied.here", p.detail.credential.Name), nil)
	}
}
