"""The server with the scripted recognizer: `python -m benchmarks.serve_scripted serve`.

With `OMI_SPEECH_TO_TEXT__CHAIN=scripted`. A recognizer that makes words up is no adapter: only this process knows it.
"""

from bootstrap.main import main
from bootstrap.registry import REGISTRY

if __name__ == "__main__":
    REGISTRY["speech_to_text"]["scripted"] = "benchmarks.scripted:ScriptedSpeechToText"
    main()
