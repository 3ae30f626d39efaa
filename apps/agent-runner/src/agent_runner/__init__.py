"""A worker that runs LangGraph agents for a Stigmer server."""
