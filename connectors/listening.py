"""What every place to listen at can be told, as types of settings; it never opens one."""

from typing import Annotated

from pydantic import Field

Host = Annotated[str, Field(description="Address to listen on.", examples=["0.0.0.0"])]  # noqa: S104
Port = Annotated[int, Field(ge=0, le=65535, description="Port to listen on; 0: any.")]
Patience = Annotated[
    float, Field(ge=0, description="Seconds that a pass waits for something to come in.", examples=[1.0])
]
