// The receipt UI's entry: asks who is here, and shows the page that the address names. Pages are loaded when they are first needed.
import { render } from 'preact'
import { Frame } from './shell/frame.tsx'
import { followLinks } from './shell/place.ts'
import { openSession } from './shell/session.ts'

document.addEventListener('click', followLinks)
void openSession()
const root = document.getElementById('app')!
// What stood there until now would stay beside what is rendered.
root.replaceChildren()
render(<Frame />, root)
