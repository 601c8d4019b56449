"""The door of the public: no account, no app, no script needed."""
