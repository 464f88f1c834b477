package app

// router matches exact paths only: the page has one.
type router struct{ components map[string]func() Composer }

func makeRouter() router { return router{components: map[string]func() Composer{}} }

func (r *router) route(path string, component func() Composer) { r.components[path] = component }

func (r *router) routeWithRegexp(string, func() Composer) {
	panic("this page has no routes by pattern")
}

func (r *router) createComponent(path string) (Composer, bool) {
	component, known := r.components[path]
	if !known {
		return nil, false
	}
	return component(), true
}
