package rights

const (
	DenialsPerWindow = denialsPerWindow
	DenialWindow     = denialWindow
)
