"""What all pages share: answering with a page or a part of it, forms, guards, error pages, layouts, components."""
